import { commandOp, dynamic, graph, type GraphBuilder, job, op, z } from "../../sdk";
import { refused } from "./refused";

// Wrong wiring does not compile (test/types); data, JavaScript and casts can still produce it.
const loose = (wire: (g: any) => unknown) => () => job("demo", wire as (g: GraphBuilder) => unknown);

const items = op({
  name: "items",
  out: dynamic(z.number()),
  async *run() {
    yield { key: "0", value: 0 };
  },
});
const itemsOf = op({
  name: "items_of",
  in: z.number(),
  out: dynamic(z.number()),
  async *run({ input }) {
    yield { key: "0", value: input };
  },
});
const one = op({ name: "one", out: z.number(), run: () => 1 });
const add = op({ name: "add", in: z.number(), out: z.number(), run: ({ input }) => input + 1 });
const both = op({
  name: "both",
  in: { a: z.number(), b: z.array(z.number()).optional() },
  out: z.number(),
  run: () => 1,
});

test.each<[string, () => unknown, string | undefined, string | undefined, RegExp]>([
  ["a bad job name", () => job("a.b", (g) => g.call(one)), undefined, "job.name", /is not a name/],
  ["a bad op name", () => op({ name: "a-b", run: () => 1 }), undefined, "op.name", /letters A-Z/],
  ["a name of 129 characters", () => op({ name: "a".repeat(129), run: () => 1 }), undefined, "op.name", /1 to 128/],
  ["a bad input name", () => op({ name: "x", in: { "a b": z.string() }, run: () => 1 }), "x", "in", /is not a name/],
  ["a job without steps", () => job("demo", () => {}), undefined, undefined, /call at least one op/],
  ["an async job", () => job("demo", async (g) => void g.call(one)), undefined, undefined, /remove async/],
  ...[0, -1, 1.5, Infinity, "7", 40_000].map((days): [string, () => unknown, undefined, string, RegExp] => [
    `a retention of ${JSON.stringify(days)} days`,
    () => job("demo", { retention: { days: days as number } }, (g) => g.call(one)),
    undefined,
    "retention.days",
    /from 1 to 36500, or null/,
  ]),
  [
    "a negative retry",
    () => op({ name: "x", retry: { maxRetries: -1 }, run: () => 1 }),
    "x",
    "retry.maxRetries",
    /whole number/,
  ],
  [
    "half a retry",
    () => op({ name: "x", retry: { maxRetries: 1.5 }, run: () => 1 }),
    "x",
    "retry.maxRetries",
    /whole number/,
  ],
  ["a NaN delay", () => op({ name: "x", retry: { delayMs: NaN }, run: () => 1 }), "x", "retry.delayMs", /milliseconds/],
  [
    "back-off without delay",
    () => op({ name: "x", retry: { backoff: "linear" }, run: () => 1 }),
    "x",
    "retry.backoff",
    /give delayMs/,
  ],
  [
    "an unknown back-off",
    () => op({ name: "x", retry: { delayMs: 1, backoff: "fast" as never }, run: () => 1 }),
    "x",
    "retry.backoff",
    /linear/,
  ],
  ["priority 10", () => op({ name: "x", priority: 10, run: () => 1 }), "x", "priority", /0 to 9/],
  ["a timeout of 0", () => op({ name: "x", timeoutMs: 0, run: () => 1 }), "x", "timeoutMs", /from 1/],
  [
    "config that is no object",
    () => op({ name: "x", config: z.string() as never, run: () => 1 }),
    "x",
    "config",
    /z\.object/,
  ],
  ["out that is no schema", () => op({ name: "x", out: "number" as never, run: () => 1 }), "x", "out", /zod schema/],
  [
    "a Date output",
    () => op({ name: "x", out: z.object({ at: z.date() }), run: () => ({ at: new Date() }) }),
    "x",
    "out.at",
    /iso\.datetime/,
  ],
  [
    "a Map output",
    () => op({ name: "x", out: { m: z.map(z.string(), z.number()) }, run: () => ({ m: new Map() }) }),
    "x",
    "out.m",
    /z\.record/,
  ],
  ["a bigint item", () => op({ name: "x", out: dynamic(z.bigint()), async *run() {} }), "x", "out", /bigint/],
  ["an empty command", () => commandOp({ name: "x", command: [] }), "x", "command", /array of strings/],
])("%s is refused where it is written", (_what, define, opName, field, message) => {
  const error = refused(define);
  expect(error).toMatchObject({ code: "INVALID_DEFINITION", op: opName, field });
  expect(error.message).toMatch(message);
  expect(error.fix).toEqual(expect.any(String));
});

test.each<[string, (g: any) => unknown, string, RegExp]>([
  [
    "a name given twice",
    (g) => [g.call(one, undefined, { as: "x" }), g.call(one, undefined, { as: "x" })],
    "one",
    /"x" is taken already/,
  ],
  ["a name with a dot", (g) => g.call(one, undefined, { as: "a.b" }), "one", /is not a name/],
  ["two ops of one name", (g) => [g.call(one), g.call(op({ name: "one", run: () => 2 }))], "one", /two different ops/],
  ["an input that is not wired", (g) => g.call(add), "add", /is not wired/],
  ["an unknown input", (g) => g.call(both, { a: g.call(one), c: g.call(one) }), "both", /no such input/],
  ["an input for an op without", (g) => g.call(one, g.call(one)), "one_2", /takes no input/],
  ["a constant", (g) => g.call(add, 5), "add", /constants belong into config/],
  ["a generator that is read directly", (g) => g.call(add, g.call(items)), "add", /g\.map.*g\.collect/],
  ["a map over one value", (g) => g.map(g.call(one), add), "add", /one value/],
  ["a collect of one value", (g) => g.collect(g.call(one)), "one", /not mapped/],
  [
    "a collect of a collect",
    (g) => g.collect(g.collect(g.map(g.map(g.call(items), itemsOf), add))),
    "add",
    /map an op over the inner collect first/,
  ],
  [
    "a collect of x inside of a map over x",
    (g) => {
      const x = g.call(items);
      return g.map(x, (a: unknown) => g.call(both, { a, b: g.collect(x) }));
    },
    "g.collect",
    /inside of already/,
  ],
  [
    "a collect of x, made outside, given to a map over x",
    (g) => {
      const x = g.call(items);
      const all = g.collect(x);
      return g.map(x, (a: unknown) => g.call(both, { a, b: all }));
    },
    "both",
    /give the collect to an op outside of the map/,
  ],
  [
    "a value that has left its map",
    (g) => {
      let inner: unknown;
      g.map(g.call(items), (item: unknown) => void (inner = g.call(add, item)));
      return g.call(add, inner);
    },
    "add_2",
    /from the inside of a map over "items"/,
  ],
  [
    "an outer value returned from a map",
    (g) => [g.call(one)].map((outer) => g.map(g.call(items), () => outer)),
    "g.map",
    /outside of the map/,
  ],
  [
    "two maps crossed",
    (g) => {
      const a = g.call(items);
      const b = g.call(items);
      return g.map(a, () => g.map(b, add));
    },
    "add",
    /maps cannot be crossed/,
  ],
  ["a list for a single value", (g) => g.call(add, [g.call(one)]), "add", /not z\.array/],
  ["an input by name given as one", (g) => g.call(both, g.call(one)), "both", /by name.*a, b/],
  ["something that is no op", (g) => g.call({ name: "x" }), undefined as never, /neither an op nor a sub-graph/],
  ["an unknown config key", (g) => g.call(one, undefined, { config: { x: 1 } }), "one", /no such config/],
  ["an impossible priority of a call", (g) => g.call(one, undefined, { priority: -1 }), "one", /0 to 9/],
])("%s is refused with the job, the op and the fix", (_what, wire, opName, message) => {
  const error = refused(loose(wire));
  expect(error).toMatchObject({ code: "INVALID_DEFINITION", job: "demo", op: opName });
  expect(error.message).toMatch(message);
});

test("a handle of another job is refused, and calls after the definition too", () => {
  let stolen: unknown;
  let late: GraphBuilder | undefined;
  job("first", (g) => {
    late = g;
    stolen = g.call(one);
  });
  expect(refused(loose((g) => g.call(add, stolen))).message).toMatch(/the step "one" of the job "first"/);
  expect(refused(() => late!.call(one)).message).toMatch(/after it had been defined/);
});

test("a cycle cannot be wired: only what stands already can be read", () => {
  const cyclic = graph("cyclic", (g, _: undefined) => g.call(add, undefined as never));
  expect(refused(loose((g) => g.call(cyclic))).message).toMatch(/not wired/);
});
