import { dynamic, graph, type Handle, job, op, optional, z } from "dqueue";
import { note } from "./notes";

const items = (name: string, n: number) =>
  op({
    name,
    out: dynamic(z.number()),
    async *run() {
      for (let i = 0; i < n; i++) yield { key: String(i), value: i };
    },
  });
const three = items("three", 3);
const same = op({ name: "same", in: z.number(), out: z.number(), run: ({ input }) => input });
const list = op({
  name: "list",
  in: z.array(z.number()),
  out: z.array(z.number()),
  run: ({ input, stepKey, runId }) => {
    note(runId, stepKey);
    return input;
  },
});

/** A16: item 0 → a, the others → b, none → c. */
const threeWays = op({
  name: "three_ways",
  in: z.number(),
  out: { a: optional(z.number()), b: optional(z.number()), c: optional(z.number()) },
  run: ({ input }) => (input === 0 ? { a: input + 1 } : { b: input + 1 }),
});
export const branched = job("branched", (g) => {
  const { a, b, c } = g.map(g.call(three), (item) => g.call(threeWays, item));
  for (const [name, branch] of Object.entries({ a, b, c })) g.call(list, g.collect(branch), { as: `list_${name}` });
});

/** A17–A19: an output that is left out, and a step that fails. */
const left = op({
  name: "left",
  out: { given: z.number(), missing: optional(z.number()) },
  run: () => ({ given: 1 }),
});
const add = op({
  name: "add",
  in: { a: z.number(), b: z.number() },
  out: z.number(),
  run: ({ input }) => input.a + input.b,
});
const fails = op({
  name: "fails",
  out: z.number(),
  run: (): number => {
    throw new Error("as told");
  },
});
export const skipped = job("skipped", (g) => {
  const { given, missing } = g.call(left);
  g.call(same, g.call(same, missing, { as: "first" }), { as: "second" });
  g.call(add, { a: missing, b: given }, { as: "half" });
  g.call(list, [missing, given], { as: "some" });
  g.call(list, [missing, g.call(same, missing, { as: "third" })], { as: "none" });
});
export const skippedAndFailed = job("skipped_and_failed", (g) => {
  const { missing } = g.call(left);
  g.call(add, { a: missing, b: g.call(fails) }, { as: "both" });
});

/** A20: a list, an empty list, none; each through a fan-out; then a total of the three. */
const lists = op({
  name: "lists",
  out: { full: z.array(z.number()), empty: z.array(z.number()), none: optional(z.array(z.number())) },
  run: () => ({ full: [1, 2, 3], empty: [] }),
});
const each = op({
  name: "each",
  in: z.array(z.number()),
  out: dynamic(z.number()),
  async *run({ input }) {
    for (const value of input) yield { key: String(value), value };
  },
});
const sum = op({
  name: "sum",
  in: z.array(z.number()),
  out: z.number(),
  run: ({ input }) => input.reduce((a, b) => a + b, 0),
});
export const forked = job("forked", (g) => {
  const totals = Object.entries(g.call(lists)).map(([name, values]) =>
    g.call(sum, g.collect(g.map(g.call(each, values, { as: `each_${name}` }), same, { as: `same_${name}` })), {
      as: `sum_${name}`,
    }),
  );
  g.call(sum, totals, { as: "total" });
});

/** A21. */
const joined = op({
  name: "joined",
  in: { a: z.array(z.number()), b: z.array(z.number()) },
  out: z.array(z.number()),
  run: ({ input }) => [...input.a, ...input.b],
});
export const twoGenerators = job("two_generators", (g) => {
  g.call(joined, { a: g.collect(g.call(three)), b: g.collect(g.call(items("others", 3))) });
});

/** A22: sub-graphs in sub-graphs, mapped. */
const inner = graph("inner", (g, value: Handle<number>) => g.call(same, g.call(same, value)));
const middle = graph("middle", (g, value: Handle<number>) => g.call(same, g.call(inner, value)));
const outer = graph("outer", (g, value: Handle<number>) => g.call(middle, g.call(same, value)));
export const nestedGraphs = job("nested_graphs", (g) => {
  g.call(list, g.collect(g.map(g.call(three), outer)));
});

/** A23: as many inner items as the outer item's value: the first has none. */
const upTo = op({
  name: "up_to",
  in: z.number(),
  out: dynamic(z.number()),
  async *run({ input }) {
    for (let i = 0; i < input; i++) yield { key: `k${i}`, value: 10 * input + i };
  },
});
export const nestedMaps = job("nested_maps", (g) => {
  const all = g.map(g.call(three), (item) => g.map(g.call(upTo, item), same));
  const sums = g.map(g.collect(all), sum);
  g.call(list, g.collect(sums));
});

/** A25–A27: the middle item fails when told to. */
const fragile = op({
  name: "fragile",
  config: z.object({ fails: z.boolean().default(false) }),
  in: z.number(),
  out: z.number(),
  run: ({ input, config, stepKey, runId }) => {
    note(runId, stepKey);
    if (config.fails && input === 1) throw new Error("as told");
    return input * 10;
  },
});
const source = op({
  name: "source",
  out: dynamic(z.number()),
  async *run({ runId, stepKey }) {
    note(runId, stepKey);
    for (let i = 0; i < 3; i++) yield { key: String(i), value: i };
  },
});
const total = op({
  name: "total",
  in: z.array(z.number()),
  out: z.number(),
  run: ({ input, runId, stepKey }) => {
    note(runId, stepKey);
    return input.reduce((a, b) => a + b, 0);
  },
});
const last = op({
  name: "last",
  in: z.number(),
  out: z.number(),
  run: ({ input, runId, stepKey }) => {
    note(runId, stepKey);
    return input + 1;
  },
});
export const again = job("again", (g) => {
  const { missing } = g.call(left);
  g.call(same, missing, { as: "optional" });
  g.call(last, g.call(total, g.collect(g.map(g.call(source), fragile))));
});
