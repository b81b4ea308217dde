import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, stream, z } from "dqueue";
import { note, noted } from "./notes";

const range = op({
  name: "range",
  config: z.object({ n: z.number().int().default(3) }),
  out: dynamic(z.number()),
  async *run({ config }) {
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: i };
  },
});
const times = (name: string, factor: number) =>
  op({
    name,
    in: z.number(),
    out: z.number(),
    run: ({ input, stepKey, runId }) => {
      note(runId, stepKey);
      return input * factor;
    },
  });
const tenfold = times("tenfold", 10);
const double = times("double", 2);
const echo = times("echo", 1);
const sum = op({
  name: "sum",
  in: z.array(z.number()),
  out: z.number(),
  run: ({ input, stepKey, runId }) => {
    note(runId, stepKey);
    return input.reduce((a, b) => a + b, 0);
  },
});
const list = op({ name: "list", in: z.array(z.any()), out: z.array(z.any()), run: ({ input }) => input });

/** A1. */
export const chain = job("chain", (g) => {
  const mapped = g.map(g.map(g.call(range), tenfold), double, { as: "twice" });
  g.call(echo, g.call(double, g.call(sum, g.collect(mapped))));
});

/** Items of the value that it gets and those behind it, as many as its config says. */
const from = op({
  name: "from",
  config: z.object({ n: z.number().int() }),
  in: z.number(),
  out: dynamic(z.number()),
  async *run({ config, input }) {
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: input + i };
  },
});
const zero = op({ name: "zero", out: z.number(), run: () => 0 });
const threeRounds = (sizes: number[]) =>
  job(`rounds_${sizes.join("_")}`, (g) => {
    let value = g.call(zero);
    for (const n of sizes) value = g.call(sum, g.collect(g.map(g.call(from, value, { config: { n } }), echo)));
  });
/** A3. */
export const rounds = [threeRounds([3, 3, 3]), threeRounds([0, 0, 0]), threeRounds([3, 0, 3])];

/** A4: fails before its first item. A5: after some, once the first two children have begun. */
const breaks = op({
  name: "breaks",
  config: z.object({ after: z.number().int() }),
  out: dynamic(z.number()),
  async *run({ config, runId, signal }) {
    for (let i = 0; i < config.after; i++) yield { key: String(i), value: i };
    if (config.after > 0) for (const i of [0, 1]) await noted(runId, `child[${i}]`, signal);
    note(runId, "broke");
    throw new Error(`broke after ${config.after}`);
  },
});
/** Ends after its generator. */
const child = op({
  name: "child",
  in: z.number(),
  out: z.number(),
  run: async ({ input, stepKey, runId, signal }) => {
    note(runId, stepKey);
    await noted(runId, "broke", signal);
    // By then its worker has heard that the others are not to begin.
    await sleep(700);
    return input;
  },
});
export const broken = job("broken", (g) => {
  g.call(list, g.collect(g.map(g.call(breaks), child)));
});

/** A6: the second try yields one more, or leaves one out. */
const changes = op({
  name: "changes",
  config: z.object({ second: z.array(z.string()) }),
  out: dynamic(z.string()),
  retry: { maxRetries: 1 },
  async *run({ config, attempt, committedKeys, log }) {
    log("committed", { keys: [...committedKeys].sort() });
    for (const key of attempt === 1 ? ["a", "b"] : config.second) yield { key, value: `${key}${attempt}` };
    if (attempt === 1) throw new Error("once");
  },
});
const word = op({
  name: "word",
  in: z.string(),
  out: z.string(),
  run: ({ input, stepKey, runId }) => {
    note(runId, stepKey);
    return input;
  },
});
export const changed = job("changed", (g) => {
  g.call(list, g.collect(g.map(g.call(changes), word)));
});

/** A7, A8. */
const keyed = op({
  name: "keyed",
  config: z.object({ keys: z.array(z.string()), between: z.number().int().default(0) }),
  out: dynamic(z.number()),
  async *run({ config }) {
    const [first, ...others] = config.keys;
    yield { key: first!, value: 0 };
    for (let i = 0; i < config.between; i++) yield { key: `between_${i}`, value: i };
    for (const key of others) yield { key, value: 0 };
  },
});
export const keys = job("keys", (g) => {
  g.call(list, g.collect(g.call(keyed)));
});

/** A10: one of five fails; the last goes on once the test has seen that. A11: a chain behind each. */
const oneFails = op({
  name: "one_fails",
  config: z.object({ fails: z.number().int().nullable() }),
  in: z.number(),
  out: z.number(),
  run: async ({ input, config, stepKey, runId, signal }) => {
    note(runId, stepKey);
    if (input === config.fails) throw new Error(`item ${input}`);
    if (input === 4) await noted(`${runId}.go`, "go", signal);
    // Only where chains are independent can the first have gone on already.
    if (input === 2) await noted(runId, "behind[0]", signal);
    return input;
  },
});
const behind = times("behind", 1);
export const five = job("five", (g) => {
  g.call(sum, g.collect(g.map(g.map(g.call(range), oneFails), behind)));
});

/** A12: the second is tried again, and the first goes on once the test has seen its end. */
const retried = op({
  name: "retried",
  in: z.number(),
  out: z.number(),
  retry: { maxRetries: 1, delayMs: 100 },
  run: async ({ input, attempt, runId, stepKey, signal }) => {
    note(runId, `${stepKey} ${attempt}`);
    if (input === 1 && attempt === 1) throw new Error("once");
    if (input === 0) await noted(`${runId}.go`, "go", signal);
    return input;
  },
});
export const ordered = job("ordered", (g) => {
  g.call(list, g.collect(g.map(g.call(range), retried)));
});

/** A28: more than a step process may hold at once, one megabyte at a time. */
const MEGABYTE = 1_000_000;
const large = op({
  name: "large",
  config: z.object({ megabytes: z.number().int() }),
  out: dynamic(z.string()),
  async *run({ config }) {
    for (let i = 0; i < config.megabytes; i++) yield { key: String(i), value: `${i} `.padEnd(MEGABYTE, "x") };
  },
});
const measure = op({ name: "measure", in: z.string(), out: z.number(), run: ({ input }) => input.length });
const measureAll = op({
  name: "measure_all",
  in: stream(z.string()),
  out: z.object({ count: z.number(), total: z.number(), inOrder: z.boolean() }),
  run: async ({ input }) => {
    let [count, total, inOrder] = [0, 0, true];
    for await (const text of input) {
      inOrder &&= text.startsWith(`${count} `);
      count++;
      total += text.length;
    }
    return { count, total, inOrder };
  },
});
export const largeItems = job("large_items", (g) => {
  const items = g.call(large);
  g.call(sum, g.collect(g.map(items, measure)));
  g.call(measureAll, g.collect(items));
});
