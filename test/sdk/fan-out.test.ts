import type { Handle } from "../../sdk";
import { dynamic, executeInProcess, graph, job, op, optional, stream, z } from "../../sdk";

const range = op({
  name: "range",
  config: z.object({ n: z.number().int().default(3) }),
  out: dynamic(z.number()),
  async *run({ config }) {
    for (let i = 0; i < config.n; i++) yield { key: String(i), value: i };
  },
});
const rangeOf = op({
  name: "range_of",
  in: z.number(),
  out: dynamic(z.number()),
  async *run({ input }) {
    for (let i = 0; i < input; i++) yield { key: `k${i}`, value: i + 1 };
  },
});
const tenfold = op({ name: "tenfold", in: z.number(), out: z.number(), run: ({ input }) => input * 10 });
const double = op({ name: "double", in: z.number(), out: z.number(), run: ({ input }) => input * 2 });
const sum = op({
  name: "sum",
  in: z.array(z.number()),
  out: z.number(),
  run: ({ input }) => input.reduce((a, b) => a + b, 0),
});
const list = op({ name: "list", in: z.array(z.number()), out: z.array(z.number()), run: ({ input }) => input });

const chain = job("chain", (g) => {
  const mapped = g.map(g.map(g.call(range), tenfold), double);
  const total = g.call(sum, g.collect(mapped));
  g.call(double, g.call(double, total, { as: "again" }), { as: "last" });
});

test("a chain of maps runs each step once per item, and its collect sums them", async () => {
  const run = await executeInProcess(chain);
  expect(run.status).toBe("SUCCESS");
  expect(Object.keys(run.steps).sort()).toEqual(
    [
      "again",
      "double[0]",
      "double[1]",
      "double[2]",
      "last",
      "range",
      "sum",
      "tenfold[0]",
      "tenfold[1]",
      "tenfold[2]",
    ].sort(),
  );
  expect([run.output("sum"), run.output("again"), run.output("last")]).toEqual([60, 120, 240]);
  expect(run.output("range")).toEqual([0, 1, 2]);
});

test("an empty fan-out gives its collect an empty list", async () => {
  const run = await executeInProcess(chain, { config: { n: 0 } });
  expect(run.status).toBe("SUCCESS");
  expect(run.steps["tenfold[0]"]).toBeUndefined();
  expect(run.output("sum")).toBe(0);
  expect(run.events.filter((event) => event.type === "STEP_START" && event.step === "sum")).toHaveLength(1);
});

test.each([
  [3, 1806],
  [0, 0],
])("three rounds of fan-out and fan-in of %i items", async (n, expected) => {
  const rounds = job("rounds", (g) => {
    let total = g.call(sum, g.collect(g.map(g.call(range), double)));
    for (let round = 2; round <= 3; round++) total = g.call(sum, g.collect(g.map(g.call(rangeOf, total), double)));
  });
  // 0 + 2 + 4 = 6, then 2 · (1 + … + 6) = 42, then 2 · (1 + … + 42) = 1806.
  expect((await executeInProcess(rounds, { config: { n } })).output("sum_3")).toBe(expected);
});

test("a map inside of a map has a key of each, and is collected level by level", async () => {
  const nested = job("nested", (g) => {
    const inner = g.map(g.call(range), rangeOf);
    const mapped = g.map(inner, tenfold);
    const sums = g.map(g.collect(mapped), sum);
    g.call(list, g.collect(sums));
  });
  const run = await executeInProcess(nested);
  expect(run.status).toBe("SUCCESS");
  expect(run.output("tenfold[2][k1]")).toBe(20);
  // 0 has no inner items: its sum is 0.
  expect(run.output("list")).toEqual([0, 10, 30]);
});

test("a map's function may call several ops, read outer values and collect inside", async () => {
  const both = op({
    name: "both",
    in: { own: z.number(), outer: z.number() },
    out: z.number(),
    run: ({ input }) => input.own + input.outer,
  });
  const inside = job("inside", (g) => {
    const items = g.call(range);
    const total = g.call(sum, g.collect(items));
    const out = g.map(items, (item) => {
      const small = g.call(both, { own: item, outer: total });
      return { small, squares: g.call(sum, g.collect(g.map(g.call(rangeOf, small), double)), { as: "squares" }) };
    });
    g.call(list, g.collect(out.squares));
  });
  const run = await executeInProcess(inside);
  expect(run.status).toBe("SUCCESS");
  // small = 3, 4, 5 → 2·(1+…+n) = 12, 20, 30.
  expect(run.output("list")).toEqual([12, 20, 30]);
});

test("a collect keeps the order of the items, whatever ends first", async () => {
  const order = job("order", (g) => g.call(list, g.collect(g.map(g.call(range), tenfold))));
  expect((await executeInProcess(order, { config: { n: 12 } })).output("list")).toEqual(
    [...Array(12).keys()].map((i) => i * 10),
  );
});

test("a stream takes a collect one by one, with the same values", async () => {
  const seen = op({
    name: "seen",
    in: { values: stream(z.number()), factor: z.number() },
    out: z.number(),
    run: async ({ input }) => {
      let total = 0;
      for await (const one of input.values) total += one * input.factor;
      return total;
    },
  });
  const streamed = job("streamed", (g) => {
    const items = g.call(range);
    g.call(seen, { values: g.collect(items), factor: g.call(sum, g.collect(items)) });
  });
  expect((await executeInProcess(streamed)).output("seen")).toBe(9);
});

test("optional outputs that do not come skip what reads them, and leave the lists of collects", async () => {
  const fork = op({
    name: "fork",
    in: z.number(),
    out: { a: optional(z.number()), b: optional(z.number()), c: optional(z.number()) },
    run: ({ input }) => (input === 0 ? { a: input + 1 } : { b: input + 1 }),
  });
  const branching = job("branching", (g) => {
    const forked = g.map(g.call(range), fork);
    g.call(list, g.collect(forked.a), { as: "all_a" });
    g.call(list, g.collect(forked.b), { as: "all_b" });
    g.call(sum, g.call(list, g.collect(forked.c), { as: "all_c" }), { as: "behind_c" });
  });
  const run = await executeInProcess(branching);
  expect(run.status).toBe("SUCCESS");
  expect([run.output("all_a"), run.output("all_b")]).toEqual([[1], [2, 3]]);
  expect(run.steps.all_c).toMatchObject({ status: "SKIPPED", skipReason: "NO_OUTPUT", attempts: 0 });
  expect(run.steps.behind_c).toMatchObject({ status: "SKIPPED", skipReason: "NO_OUTPUT" });
});

test("one of several children fails: the others end, their collect is skipped, the run fails", async () => {
  const odd = op({
    name: "odd",
    in: z.number(),
    out: z.number(),
    run: ({ input }) => {
      if (input === 1) throw new RangeError("one is odd");
      return input;
    },
  });
  const failing = job("failing", (g) => {
    const mapped = g.map(g.call(range), odd);
    g.map(mapped, double);
    g.call(list, g.collect(mapped));
    g.call(sum, g.collect(mapped, { failed: "omit" }));
  });
  const run = await executeInProcess(failing, { config: { n: 4 } });
  expect(run.status).toBe("FAILURE");
  expect(run.steps["odd[1]"]!.error).toMatchObject({ name: "RangeError", message: "one is odd" });
  expect(run.steps["double[1]"]).toMatchObject({ status: "SKIPPED", skipReason: "UPSTREAM_FAILED" });
  expect(run.steps["double[3]"]!.status).toBe("SUCCESS");
  expect(run.steps.list).toMatchObject({ status: "SKIPPED", skipReason: "UPSTREAM_FAILED" });
  expect(run.output("sum")).toBe(5);
});

test("a map that does not block lets the run succeed although a child failed", async () => {
  const fails = op({
    name: "fails",
    in: z.number(),
    out: z.number(),
    run: ({ input }) => {
      if (input === 1) throw new Error("no");
      return input;
    },
  });
  const lenient = job("lenient", (g) => {
    g.call(sum, g.collect(g.map(g.call(range), fails, { blocking: false }), { failed: "omit" }));
  });
  const run = await executeInProcess(lenient);
  expect([run.status, run.output("sum")]).toEqual(["SUCCESS", 2]);
});

test("a sub-graph's steps are named by dots, also twice and inside of a map", async () => {
  const quadruple = graph("quadruple", (g, input: Handle<number>) => g.call(double, g.call(double, input)));
  const outer = graph("outer", (g, { value }: { value: Handle<number> }) => ({ out: g.call(quadruple, value) }));
  const reused = job("reused", (g) => {
    const start = g.call(sum, []);
    g.call(quadruple, start);
    g.call(quadruple, start);
    g.call(outer, { value: start }, { as: "mine" });
    g.call(list, g.collect(g.map(g.call(range), quadruple, { as: "each" })));
  });
  expect(reused.snapshot.nodes.map((node) => node.name)).toEqual([
    "sum",
    "quadruple.double",
    "quadruple.double_2",
    "quadruple_2.double",
    "quadruple_2.double_2",
    "mine.quadruple.double",
    "mine.quadruple.double_2",
    "range",
    "each.double",
    "each.double_2",
    "list",
  ]);
  const run = await executeInProcess(reused);
  expect(run.output("list")).toEqual([0, 4, 8]);
  expect(run.steps["each.double_2[1]"]!.status).toBe("SUCCESS");
});

test("a list input takes several handles and collects together, and none at all", async () => {
  const several = job("several", (g) => {
    const items = g.call(range);
    const one = g.call(sum, g.collect(items));
    g.call(list, [one, g.collect(items), g.call(double, one)]);
    g.call(list, [], { as: "empty" });
  });
  const run = await executeInProcess(several);
  expect(run.output("list")).toEqual([3, 0, 1, 2, 6]);
  expect(run.output("empty")).toEqual([]);
});

test("ordering without a value: after a step, after a whole map", async () => {
  const started: string[] = [];
  const note = op({ name: "note", run: ({ stepKey }) => void started.push(stepKey) });
  const noteItem = op({ name: "note_item", in: z.number(), run: ({ stepKey }) => void started.push(stepKey) });
  const ordered = job("ordered", (g) => {
    const mapped = g.map(g.call(range), noteItem);
    const middle = g.after(mapped).call(note, undefined, { as: "middle" });
    g.after([middle]).call(note, undefined, { as: "last" });
  });
  expect(ordered.snapshot.nodes.map(({ name, after }) => [name, after])).toEqual([
    ["range", []],
    ["note_item", []],
    ["middle", ["note_item"]],
    ["last", ["middle"]],
  ]);
  expect((await executeInProcess(ordered)).status).toBe("SUCCESS");
  expect(started.slice(-2)).toEqual(["middle", "last"]);
});

test("a generator that has nothing to wait for may be a plain one", async () => {
  const gen = op({ name: "gen", out: dynamic(z.number()), *run() { yield { key: "a", value: 1 }; yield { key: "b", value: 2 }; } }); // prettier-ignore
  const double = op({ name: "double", in: z.number(), out: z.number(), run: ({ input }) => 2 * input });
  const run = await executeInProcess(job("demo", (g) => void g.map(g.call(gen), double)));
  expect([run.output("double[a]"), run.output("double[b]")]).toEqual([2, 4]);
});
