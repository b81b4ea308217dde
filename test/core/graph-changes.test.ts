import { graphChanges } from "../../core/graph-changes";
import { job, op } from "./graphs";

const NONE = { count: 0, names: [] };

test("a version with the same graph has changed nothing but its code", () => {
  const nothing = { added: NONE, removed: NONE, changed: NONE, ofJob: [] };
  expect(graphChanges(job(op("a"), op("b")), job(op("a"), op("b")))).toEqual(nothing);
  expect(graphChanges(job(op("a"), op("b")), job(op("b"), op("a")))).toEqual(nothing);
});

test("ops that came, went and are otherwise are told by name", () => {
  const before = job(op("a"), op("b"), op("c"));
  const after = job(op("a", { queue: "gpu" }), op("c"), op("d"));
  expect(graphChanges(before, after)).toEqual({
    added: { count: 1, names: ["d"] },
    removed: { count: 1, names: ["b"] },
    changed: { count: 1, names: ["a"] },
    ofJob: [],
  });
});

test("of many ops ten are named", () => {
  const many = Array.from({ length: 12 }, (_, i) => op(`op_${i}`));
  const { added } = graphChanges(job(), job(...many));
  expect([added.count, added.names.length, added.names[9]]).toEqual([12, 10, "op_9"]);
});

test("what of the job itself is otherwise is told", () => {
  const before = job(op("a"));
  const after = {
    ...before,
    configSchema: { type: "object" as const },
    description: "New",
    hooks: { onSuccess: true, onFailure: false },
    retention: { days: 3 },
    tags: { team: "data" },
  };
  expect(graphChanges(before, after).ofJob).toEqual(["config", "description", "hooks", "retention", "tags"]);
  expect(graphChanges(before, { ...before, defaultConfig: { n: 1 } }).ofJob).toEqual(["config"]);
});
