import { dynamic, folderIoManager, job, op, optional, sensor, stream, z } from "../../sdk";
import { collectDefinitions } from "../../sdk/registry";

const items = op({
  name: "items",
  out: dynamic(z.number()),
  async *run() {
    yield { key: "0", value: 0 };
  },
});
const one = op({ name: "one", out: z.number(), run: () => 1 });
const sum = op({ name: "sum", in: z.array(z.number()), out: z.number(), run: ({ input }) => input.length });

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
    {
      description: "Shows it",
      tags: { kind: "demo" },
      retry: { maxRetries: 1 },
      hooks: { onFailure: () => {} },
      retention: { days: 7 },
    },
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
    retention: { days: 7 },
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
      configKeys: [],
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
      configKeys: [],
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

test("a node names the keys of the run's config that its op takes, without those that its call fixes", () => {
  const takes = op({ name: "takes", config: z.object({ x: z.number(), y: z.string().optional() }), run: () => 1 });
  const { nodes } = job("demo", (g) => [g.call(takes), g.call(takes, undefined, { config: { x: 1 } })]).snapshot;
  expect(nodes.map(({ name, configKeys }) => [name, configKeys])).toEqual([
    ["takes", ["x", "y"]],
    ["takes_2", ["y"]],
  ]);
});

test("a second call of an op is named _2, unless that name is taken", () => {
  const demo = job("demo", (g) => {
    g.call(one, undefined, { as: "one_2" });
    for (let i = 0; i < 3; i++) g.call(one);
  });
  expect(demo.snapshot.nodes.map((node) => node.name)).toEqual(["one_2", "one", "one_3", "one_4"]);
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
