import type { GraphSnapshot } from "../../core/graph";
import { compilePlan } from "../../core/plan";
import { parseStepKey, stepKey } from "../../core/step-key";
import { collect, from, generator, item, job, list, op } from "./graphs";

const kinds = (graph: GraphSnapshot, name: string): string[] => {
  const node = compilePlan(graph).nodes.get(name)!;
  return [...node.inputs.flatMap(({ edges }) => edges), ...node.after].map(({ kind }) => kind);
};

const base = [
  op("a"),
  generator("e", { in: [from("a")] }),
  op("m", { over: ["e"], in: [item("e")] }),
  generator("f", { over: ["e"] }),
  op("n", { over: ["e", "f"], in: [item("f"), item("e"), from("m"), from("a")] }),
];

test("a plan knows how each source stands to its reader", () => {
  const graph = job(
    ...base,
    op("c", { in: [list("*m", "*e", "a")], after: ["m", "e", "f"] }),
    op("d", { over: ["e"], in: [collect("n")] }),
  );
  expect(kinds(graph, "n")).toEqual(["item", "item", "same", "same"]);
  expect(kinds(graph, "c")).toEqual(["collect", "items", "same", "collect", "same", "collect"]);
  expect(kinds(graph, "d")).toEqual(["collect"]);
});

test("a step may collect a generator outside of its own map", () => {
  const graph = job(generator("e"), generator("g"), op("m", { over: ["g"], in: [item("g"), collect("e")] }));
  expect(kinds(graph, "m")).toEqual(["item", "items"]);
});

test.each([
  ["a source that comes later", [op("b", { in: [from("z")] })], 'names "z", which does not stand before it'],
  ["itself", [op("b", { after: ["b"] })], 'names "b", which does not stand before it'],
  ["a name twice", [op("a")], "stands twice in the graph"],
  ["a map over a step that is no generator", [op("b", { over: ["a"] })], 'is mapped over "a", which does not fit'],
  ["a map over an inner generator alone", [op("b", { over: ["f"] })], 'is mapped over "f", which does not fit'],
  [
    "maps in the wrong order",
    [generator("g"), op("b", { over: ["g", "f"] })],
    'is mapped over "f", which does not fit',
  ],
  [
    "a child of another generator",
    [generator("g"), op("b", { over: ["g"], in: [from("m")] })],
    'reads "m" across generators',
  ],
  ["a mapped step without collect", [op("b", { in: [from("m")] })], 'reads the mapped "m" without collect'],
  [
    "a generator without map or collect",
    [op("b", { in: [from("e")] })],
    'reads the generator "e" without map or collect',
  ],
  ["two levels in one collect", [op("b", { in: [collect("n")] })], 'reads "n" more than one generator deeper'],
  ["the items of an inner generator", [op("b", { in: [collect("f")] })], 'reads "f" more than one generator deeper'],
  ["a collect of what is not mapped", [op("b", { in: [collect("a")] })], 'collects "a", which is not mapped'],
  [
    "a collect of x in a map over x (A24)",
    [op("b", { over: ["e"], in: [collect("e")] })],
    'collects "e", whose items it gets one by one',
  ],
  [
    "a collect of a map in the same map (A24)",
    [op("b", { over: ["e"], in: [collect("m")] })],
    'collects "m", which is not mapped',
  ],
])("a plan refuses %s", (_, nodes, problem) => {
  const compile = (): unknown => compilePlan(job(...base, ...nodes));
  expect(compile).toThrow(
    expect.objectContaining({ code: "INVALID_GRAPH", message: expect.stringContaining(problem) }),
  );
  expect(compile).toThrow(/^Job "demo": the step "\w+" /);
});

test.each([
  ["a", { node: "a", path: [] }],
  ["outer.inner", { node: "outer.inner", path: [] }],
  ["a[3]", { node: "a", path: ["3"] }],
  ["a[1][zwei_2-ü]", { node: "a", path: ["1", "zwei_2-ü"] }],
])("the step key %s is read as it is written", (key, parsed) => {
  expect(parseStepKey(key)).toEqual(parsed);
  expect(stepKey(parsed.node, parsed.path)).toBe(key);
});

test.each([
  "",
  "[1]",
  "a[",
  "a]",
  "a[]",
  "a[?]",
  "a[foo.baz]",
  "a[1]b",
  "a]b[1]",
  "a[1][]",
  `a[${"x".repeat(201)}]`,
  "a[/]",
  "a[😀]",
])("%j is no step key (A8, A26)", (key) => expect(parseStepKey(key)).toBeNull());
