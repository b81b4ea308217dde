import { inStepOrder } from "../../core/step-order";

test("steps stand in the order in which people read them: numbers by value, the rest by text", () => {
  const ordered = [
    ...["a", "a[0]", "a[1]", "a[2][3]", "a[2][20]", "a[10]", "a[10][1]", "a[x1]", "a[x02]", "a[x2]", "a[x10]"],
    ...["a_2", "a_10", "b", "b[007]", "b[7]", "b[8]", "b[99999999999999999998]", "b[99999999999999999999]"],
  ];
  expect(inStepOrder([...ordered].sort())).toEqual(ordered);
  expect(inStepOrder([...ordered].reverse())).toEqual(ordered);
});
