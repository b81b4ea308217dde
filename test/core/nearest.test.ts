import { nearestNames, suggestion } from "../../core/nearest";

const known = ["name", "in", "out", "timeoutMs", "minimumIntervalSeconds", "maxRetries"];

test.each([
  ["nmae", ["name"]],
  ["NAME", ["name"]],
  ["minIntervalSeconds", ["minimumIntervalSeconds"]],
  ["timeout", ["timeoutMs", "out"]],
  ["max", ["maxRetries"]],
  ["input", ["in"]],
  ["queue", []],
  ["IN", ["in"]],
  ["im", []],
  ["x".repeat(201), []],
])("%s may mean %j, nearest first", (given, meant) => {
  expect(nearestNames(given, known)).toEqual(meant);
});

test("a suggestion stands behind what is said of a name, where something is near", () => {
  expect(`"nmae" is unknown${suggestion("nmae", known)}`).toBe('"nmae" is unknown (did you mean "name"?)');
  expect(suggestion("timeout", known)).toBe(' (did you mean "timeoutMs" or "out"?)');
  expect(suggestion("queue", known)).toBe("");
});
