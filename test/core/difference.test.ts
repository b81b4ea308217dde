import fc from "fast-check";
import { differenceOf, withDifference } from "../../core/difference";

test("only what differs is told", () => {
  const config = { n: 1 };
  const before = { run: "a", step: "s[0]", config, path: ["0"] };
  const next = { run: "a", step: "s[1]", config, path: ["0"] };
  expect(differenceOf(before, next)).toEqual({ step: "s[1]", path: ["0"] });
  expect(withDifference(before, { step: "s[1]" }).config).toBe(config);
});

test.each<[why: string, before: unknown, next: unknown]>([
  ["has another field", { a: 1 }, { a: 1, b: 1 }],
  ["lacks a field", { a: 1, b: 1 }, { a: 1 }],
  ["has another field in place of one", { a: 1 }, { b: 1 }],
  ["has a field that JSON leaves out", { a: 1 }, { a: undefined }],
  ["is no object", { a: 1 }, 1],
  ["is a list", { a: 1 }, [1]],
  ["follows nothing", undefined, { a: 1 }],
  ["is of a class, which says itself how it travels", { a: 1 }, new Date(0)],
])("an object that %s is told whole", (_why, before, next) => {
  expect(differenceOf(before, next)).toBeNull();
});

test("what is told of any row of objects tells them all, as JSON would have told each", () => {
  const value = fc.oneof(fc.constantFrom(undefined, null, "", "x", 0, 1), fc.jsonValue({ maxDepth: 1 }));
  const item = fc.oneof(fc.dictionary(fc.constantFrom("a", "b", "0", "__proto__"), value), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const told = items.map((one, i) => {
        const difference = i > 0 ? differenceOf(items[i - 1], one) : null;
        return JSON.stringify(difference ? { difference } : { whole: one });
      });
      let previous: unknown;
      const heard = told.map((text) => {
        const { whole, difference } = JSON.parse(text) as { whole?: unknown; difference?: Record<string, unknown> };
        return (previous = difference ? withDifference(previous as object, difference) : whole);
      });
      const alone = items.map((one) => JSON.stringify(one)).map((text) => text && (JSON.parse(text) as unknown));
      expect(heard).toEqual(alone);
    }),
  );
});
