import { cellsOf } from "../../ui/pages/queues/cells";

const step = (key: string, slot: string | null) => ({ run_id: "r", step: key, slot });
const keys = (...of: Parameters<typeof cellsOf>): (string | null)[] =>
  cellsOf(...of).map((cell) => (cell === null || cell === "busy" ? cell : cell.step));

test("a step's cell is its slot, and stays so when another ends", () => {
  const steps = [step("a", "2.2"), step("b", "1.1"), step("c", "2.1")];
  const worker = { slots: 4, concurrency: 2 };
  expect(keys({ ...worker, busy: 3, steps })).toEqual(["b", null, "c", "a"]);
  expect(keys({ ...worker, busy: 2, steps: steps.filter((one) => one.step !== "b") })).toEqual([null, null, "c", "a"]);
});

test("what is told of no slot, of one that is taken or of one too many is in one of the others", () => {
  const steps = [step("a", "1.2"), step("b", null), step("c", "1.2"), step("d", "3.1")];
  expect(keys({ slots: 5, busy: 5, concurrency: 2, steps })).toEqual(["b", "a", "c", "busy", "d"]);
  expect(keys({ slots: 2, busy: 3, concurrency: 1, steps: [] })).toEqual(["busy", "busy"]);
  expect(keys({ slots: 3, busy: 2 })).toEqual(["busy", "busy", null]);
});

test("of a worker with more slots than can be told apart, as large a part of the cells is taken", () => {
  const cells = keys({ slots: 640, busy: 320, concurrency: 64, steps: [step("a", "10.1")] });
  expect([cells.length, cells[0], cells.filter((cell) => cell === "busy").length]).toEqual([64, "a", 31]);
  expect(keys({ slots: 0, busy: 0 })).toEqual([]);
});
