/** Compiled, never run: each line below `@ts-expect-error` must not compile, all others must. */
import type { Collected, Handle, Mapped } from "../../sdk";
import { dynamic, graph, job, op, optional, resource, stream, z } from "../../sdk";

const same =
  <T>() =>
  <U>(_value: U, _equal: [T] extends [U] ? ([U] extends [T] ? true : never) : never): void => {};

const task = z.object({ taskId: z.string() });
const numbers = op({
  name: "numbers",
  config: z.object({ count: z.number().int().default(3), label: z.string() }),
  out: dynamic(z.number()),
  async *run({ config, committedKeys }) {
    same<number>()(config.count, true);
    same<string>()(config.label, true);
    same<readonly string[]>()(committedKeys, true);
    for (let i = 0; i < config.count; i++) yield { key: String(i), value: i };
  },
});
const tasks = op({
  name: "tasks",
  out: dynamic(task),
  async *run() {
    yield { key: "a", value: { taskId: "a" } };
  },
});
const double = op({
  name: "double",
  in: z.number(),
  out: z.number(),
  run: async ({ input }) => {
    same<number>()(input, true);
    return input * 2;
  },
});
const status = op({
  name: "status",
  in: task,
  out: z.object({ status: z.enum(["done", "failed"]) }),
  run: async ({ input }) => ({ status: input.taskId === "" ? "failed" : "done" }),
});
const sum = op({
  name: "sum",
  in: z.array(z.number()),
  out: z.number(),
  run: ({ input }) => input.reduce((a, b) => a + b, 0),
});
const sumStream = op({
  name: "sum_stream",
  in: stream(z.number()),
  out: z.number(),
  run: async ({ input }) => {
    let total = 0;
    for await (const one of input) total += one;
    return total;
  },
});
const resize = op({ name: "resize", in: z.string(), out: z.string(), run: ({ input }) => input });
const both = op({
  name: "both",
  in: { left: z.number(), right: z.array(z.string()), note: z.string().optional() },
  out: z.string(),
  run: ({ input }) => `${input.left} ${input.right.join()} ${input.note?.length}`,
});
const fork = op({
  name: "fork",
  out: { small: optional(z.number()), big: optional(z.string()), always: z.boolean() },
  run: () => ({ small: 1, always: true }),
});
const split = op({
  name: "split",
  in: z.number(),
  out: { low: optional(z.number()), high: optional(z.number()) },
  run: ({ input }) => (input < 0 ? { low: input } : { high: input }),
});
const untyped = op({ name: "untyped", run: async () => ({ answer: 42 }) });
const client = resource({ name: "client", setUp: async () => ({ get: (url: string) => url.length }) });
op({
  name: "with_resource",
  resources: { client },
  run: ({ resources }) => same<number>()(resources.client.get("x"), true),
});

job("wiring_that_compiles", (g) => {
  const items = g.call(numbers);
  same<Mapped<Handle<number>>>()(items, true);
  const doubled = g.map(items, double);
  same<Mapped<Handle<number>>>()(doubled, true);
  const chained = g.map(doubled, double, { as: "again" });
  const all = g.collect(chained);
  same<Collected<number>>()(all, true);
  const total = g.call(sum, all);
  same<Handle<number>>()(total, true);
  g.call(sumStream, all);
  g.call(sum, [total, g.call(double, total), g.collect(doubled)]);
  const forked = g.call(fork);
  same<Handle<number>>()(forked.small, true);
  same<Handle<string>>()(forked.big, true);
  g.call(both, { left: total, right: [forked.big] });
  g.call(both, { left: total, right: [], note: forked.big }, { priority: 3, retry: { maxRetries: 2 } });
  same<Handle<{ answer: number }>>()(g.call(untyped), true);
  g.after(total).call(untyped);
  g.after([total, doubled]).map(items, double);

  const nested = g.map(g.map(items, numbersFrom), double);
  same<Mapped<Mapped<Handle<number>>>>()(nested, true);
  const inner = g.map(g.collect(nested), sum);
  same<Mapped<Handle<number>>>()(inner, true);
  g.call(sum, g.collect(inner));

  const pairs = g.map(items, (item) => ({ once: g.call(double, item), twice: g.call(double, g.call(double, item)) }));
  same<Mapped<Handle<number>>>()(pairs.twice, true);
  const { low, high } = g.map(items, (item) => g.call(split, item));
  same<Mapped<Handle<number>>>()(low, true);
  g.call(sum, [g.collect(low), g.collect(high)]);
  same<{ out: Handle<number> }>()(g.call(quadruple, total), true);
  same<{ out: Mapped<Handle<number>> }>()(g.map(items, quadruple), true);
});
const numbersFrom = op({
  name: "numbers_from",
  in: z.number(),
  out: dynamic(z.number()),
  async *run({ input }) {
    yield { key: "0", value: input };
  },
});
const quadruple = graph("quadruple", (g, input: Handle<number>) => ({ out: g.call(double, g.call(double, input)) }));

job("wiring_that_does_not_compile", (g) => {
  const items = g.call(numbers);
  const one = g.call(double, g.call(sum, g.collect(items)));
  // @ts-expect-error resize takes a string, not a number
  g.map(items, resize);
  // @ts-expect-error resize takes a string, not a number
  g.call(resize, one);
  // @ts-expect-error the items of a generator are many values: map or collect them
  g.call(double, items);
  // @ts-expect-error a single value cannot be mapped
  g.map(one, double);
  // @ts-expect-error a single value cannot be collected
  g.collect(one);
  // @ts-expect-error a collect cannot be collected
  g.collect(g.collect(items));
  // @ts-expect-error nor inside of an outer map
  g.collect(g.collect(g.map(g.map(items, numbersFrom), double)));
  // @ts-expect-error a list is not a number
  g.call(double, g.collect(items));
  // @ts-expect-error strings are not numbers
  g.call(sum, g.collect(g.map(g.call(tasks), status)));
  // @ts-expect-error a stream needs a collect
  g.call(sumStream, one);
  // @ts-expect-error the input is not wired
  g.call(double);
  // @ts-expect-error `right` is missing
  g.call(both, { left: one });
  // @ts-expect-error there is no input `middle`
  g.call(both, { left: one, right: [], middle: one });
  // @ts-expect-error constants are not wired
  g.call(double, 5);
  // @ts-expect-error untyped takes no input
  g.call(untyped, one);
  // @ts-expect-error a sub-graph takes what it says
  g.call(quadruple, g.call(fork).big);
  // @ts-expect-error a map's function gets the item's own type
  g.map(items, (item) => g.call(resize, item));
  // @ts-expect-error an op that takes inputs by name needs a function in a map
  g.map(items, both);
  // @ts-expect-error no such option
  g.call(double, one, { retries: 3 });
  // @ts-expect-error only "omit"
  g.collect(items, { failed: "ignore" });
});

// @ts-expect-error run gives a number where out is a string
op({ name: "wrong_out", out: z.string(), run: () => 5 });
// @ts-expect-error a required output is missing
op({ name: "missing_out", out: { a: z.number(), b: z.number() }, run: () => ({ a: 1 }) });
// What needs no await needs no async.
op({
  name: "yielding_at_once",
  out: dynamic(z.number()),
  *run() {
    yield { key: "0", value: 1 };
  },
});
// @ts-expect-error the value is no number
op({
  name: "yielding_wrongly_at_once",
  out: dynamic(z.number()),
  *run() {
    yield { key: "0", value: "1" };
  },
});
// @ts-expect-error a generator op must yield, not return
op({ name: "not_yielding", out: dynamic(z.number()), run: async () => 5 });
op({
  name: "wrong_item",
  // @ts-expect-error items are { key, value }
  out: dynamic(z.number()),
  async *run() {
    yield 5;
  },
});
// @ts-expect-error a generator needs out: dynamic(…)
op({
  name: "undeclared_generator",
  async *run() {
    yield { key: "0", value: 1 };
  },
});
// @ts-expect-error config must be an object schema
op({ name: "wrong_config", config: z.string(), run: () => 1 });
// @ts-expect-error there is no such config key
op({ name: "wrong_key", config: z.object({ a: z.number() }), run: ({ config }) => config.b });
// @ts-expect-error no input is declared
op({ name: "no_input", run: ({ input }) => input.x });
