import {
  commandOp,
  dynamic,
  executeInProcess,
  folderIoManager,
  graph,
  type GraphBuilder,
  job,
  op,
  resource,
  runRequest,
  runStatusSensor,
  s3IoManager,
  sensor,
  z,
} from "../../sdk";
import { evaluateSensor } from "../../sdk/sensor";
import { refused } from "./refused";

// TypeScript refuses these where it checks; JavaScript, casts and options that come from elsewhere are not checked.
const loose = (define: (options: any) => unknown): ((options: object) => unknown) => define;
const wired = (wire: (g: any) => unknown): (() => unknown) => {
  return () => job("demo", wire as (g: GraphBuilder) => unknown);
};

const items = op({
  name: "items",
  out: dynamic(z.number()),
  async *run() {
    yield { key: "0", value: 0 };
  },
});
const add = op({ name: "add", in: z.number(), out: z.number(), run: ({ input }) => input + 1 });
const one = op({ name: "one", config: z.object({ count: z.number().optional() }), out: z.number(), run: () => 1 });
const pair = op({ name: "pair", in: { left: z.number(), right: z.number() }, out: z.number(), run: () => 1 });
const sub = graph("sub", (g, _: undefined) => g.call(one));
const demo = job("demo", (g) => g.call(one));

test.each<[string, () => unknown, string, RegExp]>([
  ["an op", () => loose(op)({ name: "x", run: () => 1, timeout: 5 }), "timeout", /Op "x".*did you mean "timeoutMs"/],
  ["an op, by another word", () => loose(op)({ name: "x", run: () => 1, input: 5 }), "input", /did you mean "in"/],
  ["an op's retry", () => loose(op)({ name: "x", run: () => 1, retry: { retries: 2 } }), "retry.retries", /maxRetries/],
  ["an op's hooks", () => loose(op)({ name: "x", run: () => 1, hooks: { onFail: 1 } }), "hooks.onFail", /"onFailure"/],
  ["a command", () => loose(commandOp)({ name: "x", command: ["ls"], dir: "/" }), "dir", /command, cwd, env/],
  [
    "a command's own run",
    () => loose(commandOp)({ name: "x", command: ["ls"], run: () => 1 }),
    "run",
    /no such option/,
  ],
  ["a job", () => job("demo", { tag: { a: "b" } } as never, (g) => g.call(one)), "tag", /Job "demo".*mean "tags"\?/],
  ["a job's hooks", () => job("demo", { hooks: { success: 1 } } as never, () => 1), "hooks.success", /"onSuccess"/],
  ["a job's retention", () => job("demo", { retention: { day: 1 } } as never, () => 1), "retention.day", /"days"/],
  ["a job's retry", () => job("demo", { retry: { delay: 1 } } as never, () => 1), "retry.delay", /"delayMs"/],
  ["a call", wired((g) => g.call(one, undefined, { name: "first" })), "name", /op "one".*no such option/],
  ["a call's retry", wired((g) => g.call(one, undefined, { retry: { max: 1 } })), "retry.max", /"maxRetries"/],
  ["a sub-graph's call", wired((g) => g.call(sub, undefined, { blockin: false })), "blockin", /"blocking"/],
  ["a map over a function", wired((g) => g.map(g.call(items), () => {}, { queue: "x" })), "queue", /use blocking/],
  ["a collect", wired((g) => g.collect(g.map(g.call(items), add), { fail: "omit" })), "collect.fail", /"failed"/],
  ["a wiring", wired((g) => g.call(pair, { lft: g.call(one), right: g.call(one) })), "in.lft", /mean "left"\?/],
  ["a fixed config", wired((g) => g.call(one, undefined, { config: { cuont: 1 } })), "config.cuont", /"count"/],
  [
    "a default config",
    () => job("demo", { defaultConfig: { conut: 1 } }, (g) => g.call(one)),
    "defaultConfig.conut",
    /"count"/,
  ],
  [
    "a sensor",
    () => loose(sensor)({ name: "s", job: demo, evaluate: () => {}, minIntervalSeconds: 5 }),
    "minIntervalSeconds",
    /Sensor "s".*did you mean "minimumIntervalSeconds"\?/,
  ],
  [
    "a run-status sensor",
    () => loose(runStatusSensor)({ name: "s", statuses: ["FAILURE"], run: () => {}, job: demo }),
    "job",
    /"jobs"/,
  ],
  [
    "a resource",
    () => loose(resource)({ name: "db", setUp: () => 1, teardown: 1 }),
    "teardown",
    /Resource "db".*"tearDown"/,
  ],
  ["a folder", () => loose(folderIoManager)({ folder: "/tmp" }), "ioManager.folder", /use path, name/],
  ["a bucket", () => loose(s3IoManager)({ url: "http://s3" }), "ioManager.url", /endpoint, bucket/],
])("%s with an unknown option is refused, with the one that may be meant", (_what, define, field, message) => {
  const error = refused(define);
  expect(error).toMatchObject({ code: "INVALID_DEFINITION", field });
  expect(error.message).toMatch(message);
});

test.each<[string, () => unknown, RegExp]>([
  ["an op", () => (op as any)("x"), /Field "op": "x" was given in place of options.*name, description/],
  ["a sensor", () => (sensor as any)(), /Field "sensor": undefined was given/],
  ["a retry policy", () => loose(op)({ name: "x", run: () => 1, retry: 3 }), /"retry": 3 was given.*maxRetries/],
  ["a collect", wired((g) => g.collect(g.map(g.call(items), add), { failed: "keep" })), /"keep" is impossible.*"omit"/],
])("%s that is given something else than options is refused", (_what, define, message) => {
  expect(refused(define).message).toMatch(message);
});

test("an unknown option of a test's run and of a run request is refused too", async () => {
  await expect(executeInProcess(demo, { cfg: {} } as never)).rejects.toThrow(/"cfg": there is no such option/);
  await expect(executeInProcess(demo, { config: { coutn: 1 } })).rejects.toThrow(/\/coutn .*did you mean "count"\?/);
  const asks = sensor({ name: "s", job: demo, evaluate: () => runRequest({ runkey: "x" } as never) });
  const given = { sensor: "s", now: 0, cursor: null, lastTickAt: null, latestRuns: {} };
  await expect(evaluateSensor(asks, given as never, {} as never)).rejects.toThrow(
    /request 0 has the option "runkey", which there is not \(did you mean "runKey"\?\)/,
  );
});
