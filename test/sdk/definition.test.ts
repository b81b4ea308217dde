import { collectDefinitions } from "../../sdk/registry";
import {
  commandOp,
  dynamic,
  folderIoManager,
  graph,
  job,
  op,
  optional,
  sensor,
  stream,
  z,
  type GraphBuilder,
} from "../../sdk";
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
const sum = op({ name: "sum", in: z.array(z.number()), out: z.number(), run: ({ input }) => input.length });
const both = op({
  name: "both",
  in: { a: z.number(), b: z.array(z.number()).optional() },
  out: z.number(),
  run: () => 1,
});

test("a job is a graph snapshot: nodes in order, with their options resolved", () => {
  const tuned = op({
    name: "tuned",
    in: z.number(),
    out: { big: z.number(), rest: optional(z.string()) },
    retry: { maxRetries: 3, delayMs: 500, backoff: "exponential", jitter: "full" },
    timeoutMs: 60_000,
    queue: "heavy",
    priority: 7,
    pool: "db",
    tags: { team: "a" },
    run: () => ({ big: 1 }),
  });
  const demo = job(
    "demo",
    { description: "Shows it", tags: { kind: "demo" }, retry: { maxRetries: 1 }, hooks: { onFailure: () => {} } },
    (g) => {
      const mapped = g.map(g.call(items), tuned, { priority: 2, retry: { maxRetries: 5 }, tags: { x: "y" } });
      g.call(sum, g.collect(mapped.big, { failed: "omit" }), { as: "total", pool: "cpu", timeoutMs: 5 });
    },
  );
  expect(demo.snapshot).toMatchObject({
    version: 1,
    job: "demo",
    description: "Shows it",
    tags: { kind: "demo" },
    hooks: { onSuccess: false, onFailure: true },
    defaultConfig: null,
  });
  expect(demo.snapshot.nodes).toEqual([
    {
      name: "items",
      op: "items",
      scope: [],
      dynamic: true,
      outputs: [{ name: "result", optional: false }],
      inputs: [],
      after: [],
      config: null,
      retry: { maxRetries: 1, delayMs: 0, backoff: null, jitter: null },
      timeoutMs: null,
      queue: "default",
      priority: 5,
      pool: null,
      tags: {},
      blocking: true,
    },
    {
      name: "tuned",
      op: "tuned",
      scope: ["items"],
      dynamic: false,
      outputs: [
        { name: "big", optional: false },
        { name: "rest", optional: true },
      ],
      inputs: [
        {
          name: "",
          sources: [{ node: "items", output: "result", collect: false }],
          list: false,
          omitFailed: false,
          stream: false,
        },
      ],
      after: [],
      config: null,
      retry: { maxRetries: 5, delayMs: 0, backoff: null, jitter: null },
      timeoutMs: 60_000,
      queue: "heavy",
      priority: 2,
      pool: "db",
      tags: { team: "a", x: "y" },
      blocking: true,
    },
    expect.objectContaining({
      name: "total",
      op: "sum",
      scope: [],
      inputs: [
        {
          name: "",
          sources: [{ node: "tuned", output: "big", collect: true }],
          list: true,
          omitFailed: true,
          stream: false,
        },
      ],
      timeoutMs: 5,
      pool: "cpu",
    }),
  ]);
  expect([...demo.ops.keys()]).toEqual(["items", "tuned", "sum"]);
});

test("a second call of an op is named _2, unless that name is taken", () => {
  const demo = job("demo", (g) => {
    g.call(one, undefined, { as: "one_2" });
    for (let i = 0; i < 3; i++) g.call(one);
  });
  expect(demo.snapshot.nodes.map((node) => node.name)).toEqual(["one_2", "one", "one_3", "one_4"]);
});

test.each<[string, () => unknown, string | undefined, string | undefined, RegExp]>([
  ["a bad job name", () => job("a.b", (g) => g.call(one)), undefined, "job.name", /is not a name/],
  ["a bad op name", () => op({ name: "a-b", run: () => 1 }), undefined, "op.name", /letters A-Z/],
  ["a name of 129 characters", () => op({ name: "a".repeat(129), run: () => 1 }), undefined, "op.name", /1 to 128/],
  ["a bad input name", () => op({ name: "x", in: { "a b": z.string() }, run: () => 1 }), "x", "in", /is not a name/],
  ["a job without steps", () => job("demo", () => {}), undefined, undefined, /call at least one op/],
  ["an async job", () => job("demo", async (g) => void g.call(one)), undefined, undefined, /remove async/],
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

test("the run's config is the ops' objects merged, flat, and unknown keys are refused", () => {
  const a = op({
    name: "a",
    config: z.object({ folder: z.string(), top: z.number().int().default(10), shared: z.string() }),
    run: () => 1,
  });
  const b = op({
    name: "b",
    config: z.object({ shared: z.string().min(3), folder: z.string(), only_b: z.boolean().optional() }),
    run: () => 1,
  });
  const demo = job("demo", { defaultConfig: { folder: "./docs" } }, (g) => {
    g.call(a);
    g.call(b);
  });
  expect(demo.snapshot.configSchema).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      folder: { type: "string" },
      top: { type: "integer", default: 10, minimum: expect.any(Number), maximum: expect.any(Number) },
      shared: { allOf: [{ type: "string" }, { type: "string", minLength: 3 }] },
      only_b: { type: "boolean" },
    },
    required: ["folder", "shared"],
    additionalProperties: false,
  });
  expect(demo.snapshot.defaultConfig).toEqual({ folder: "./docs" });
});

test("a key that every call fixes is no config of the run; one that only some fix is", () => {
  const a = op({ name: "a", config: z.object({ id: z.string(), size: z.number() }), run: () => 1 });
  const fixed = job("fixed", (g) => [
    g.call(a, undefined, { config: { id: "x", size: 1 } }),
    g.call(a, undefined, { config: { id: "y" } }),
  ]);
  expect(fixed.snapshot.configSchema).toMatchObject({ properties: { size: { type: "number" } }, required: ["size"] });
  expect(Object.keys(fixed.snapshot.configSchema.properties as object)).toEqual(["size"]);
  expect(refused(() => job("demo", (g) => g.call(a, undefined, { config: { size: "big" } }))).field).toBe(
    "config.size",
  );
  expect(refused(() => job("demo", { defaultConfig: { idd: "x" } }, (g) => g.call(a))).field).toBe("defaultConfig.idd");
});

test("recursive config schemas of two ops do not get into each other's way", () => {
  const A = z.object({ name: z.string(), get children() { return z.array(A); } }); // prettier-ignore
  const B = z.object({ size: z.number(), get children() { return z.array(B); } }); // prettier-ignore
  const a = op({ name: "a", config: z.object({ tree: A }), run: () => 1 });
  const b = op({ name: "b", config: z.object({ other: B }), run: () => 1 });
  const schema = job("demo", (g) => [g.call(a), g.call(b)]).snapshot.configSchema as any;
  const nameOf = (reference: string): string => reference.replace("#/$defs/", "");
  expect(schema.$defs[nameOf(schema.properties.tree.$ref)].properties).toHaveProperty("name");
  expect(schema.$defs[nameOf(schema.properties.other.$ref)].properties).toHaveProperty("size");
});

test("config that JSON Schema cannot say is refused with the field", () => {
  const a = op({ name: "a", config: z.object({ range: z.object({ since: z.date() }) }), run: () => 1 });
  expect(refused(() => job("demo", (g) => g.call(a)))).toMatchObject({
    op: "a",
    field: "config.range.since",
    code: "INVALID_DEFINITION",
  });
  const b = op({ name: "b", config: z.object({ check: z.custom<string>() }), run: () => 1 });
  expect(refused(() => job("demo", (g) => g.call(b)))).toMatchObject({ op: "b", field: "config.check" });
});

test("an op whose outputs an IO manager keeps may give what JSON cannot carry", () => {
  const bytes = op({
    name: "bytes",
    out: z.instanceof(Uint8Array),
    ioManager: folderIoManager({ path: "/tmp" }),
    run: () => new Uint8Array(2),
  });
  expect(bytes.ioManager!.name).toBe("folder");
  expect(stream(z.number()).schema).toBeDefined();
});

test("a code location's jobs and sensors are found in exports, arrays and records; doubles are told", () => {
  const first = job("first", (g) => g.call(one));
  const second = job("second", (g) => g.call(one));
  const poll = sensor({ name: "poll", job: first, evaluate: () => {} });
  const lost = sensor({ name: "lost", job: "nowhere", evaluate: () => {} });
  const found = collectDefinitions({
    first,
    default: { again: first, more: [second, new Map([["x", poll]])] },
    lost,
    helper: () => 1,
    get broken() {
      throw new Error("getter");
    },
  });
  expect([...found.jobs.keys()]).toEqual(["first", "second"]);
  expect([...found.sensors.keys()]).toEqual(["poll"]);
  expect(found.problems).toEqual([expect.stringMatching(/sensor "lost" names the job "nowhere"/)]);
  const doubled = collectDefinitions([first, job("first", (g) => g.call(one))]);
  expect(doubled.problems).toEqual([expect.stringMatching(/Two jobs have the name "first"/)]);
});
