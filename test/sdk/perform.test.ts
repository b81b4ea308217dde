import type { Json } from "../../core/json";
import { NO_SECRETS } from "../../core/secrets";
import { dynamic, executeInProcess, Failure, job, op, resource, RetryRequested, z } from "../../sdk";
import { performStep } from "../../sdk/perform";

const typesOf = (events: readonly { type: string; step: string | null }[], step: string): string[] =>
  events.filter((event) => event.step === step).map((event) => event.type);
const run1 = (definition: any, options = {}) =>
  executeInProcess(
    job("demo", (g) => void g.call(definition)),
    options,
  );
const gives = (value: unknown) => op({ name: "gives", run: () => value });
const yields = (...items: unknown[]) =>
  op({ name: "gen", out: dynamic(z.any()), run: (async function* () { yield* items; }) as never }); // prettier-ignore

test("a step retries as often as its policy says, and then fails once", async () => {
  const flaky = op({ name: "flaky", retry: { maxRetries: 2, delayMs: 3_600_000 }, run: () => { throw new Error("no"); } }); // prettier-ignore
  const run = await run1(flaky);
  expect(run.status).toBe("FAILURE");
  expect(run.steps.flaky).toMatchObject({ status: "FAILURE", attempts: 3 });
  expect(typesOf(run.events, "flaky").filter((type) => !/QUEUED/.test(type))).toEqual([
    "STEP_START",
    "STEP_UP_FOR_RETRY",
    "STEP_RESTARTED",
    "STEP_UP_FOR_RETRY",
    "STEP_RESTARTED",
    "STEP_FAILURE",
  ]);
});

test("RetryRequested brings its own number, a Failure that is not retryable ends it at once", async () => {
  const asks = op({ name: "asks", run: ({ attempt }) => { if (attempt < 4) throw new RetryRequested({ maxRetries: 3, delayMs: 1e9 }); return attempt; } }); // prettier-ignore
  expect((await run1(asks)).output("asks")).toBe(4);
  const ends = op({ name: "ends", retry: { maxRetries: 5 }, run: () => { throw new Failure("no", { retryable: false, metadata: { n: 1 } }); } }); // prettier-ignore
  expect((await run1(ends)).steps.ends).toMatchObject({
    attempts: 1,
    error: { name: "Failure", message: "no", metadata: { n: 1 } },
  });
});

test.each<[string, unknown, RegExp]>([
  ["NaN", NaN, /\$ is NaN/],
  ["a bigint inside", { x: 10n }, /\$\.x is of type bigint/],
  ["a Map", new Map(), /Map/],
  ["a NUL", { k: "v\0" }, /\$\.k is a string with a NUL/],
  ["an IO reference of its own", { "dqueue/io": "folder", handle: 1 }, /kept for IO managers/],
])("an output that cannot be stored (%s) fails the step after one try", async (_what, value, message) => {
  const run = await executeInProcess(job("demo", { retry: { maxRetries: 3 } }, (g) => void g.call(gives(value))));
  expect(run.steps.gives).toMatchObject({
    status: "FAILURE",
    attempts: 1,
    error: { code: "UNSTORABLE_VALUE", message: expect.stringMatching(message) },
  });
});

test.each<[string, unknown[], string, RegExp]>([
  ["a plain value", [5], "NOT_AN_ITEM", /yield \{ key, value \}/],
  ["an empty key", [{ key: "", value: 1 }], "INVALID_MAPPING_KEY", /the key ""/],
  ["?", [{ key: "?", value: 1 }], "INVALID_MAPPING_KEY", /the key "\?".*letters, digits/],
  ["foo.baz", [{ key: "foo.baz", value: 1 }], "INVALID_MAPPING_KEY", /"foo\.baz"/],
  ["brackets", [{ key: "x[1]", value: 1 }], "INVALID_MAPPING_KEY", /"x\[1\]"/],
  ["600 characters", [{ key: "k".repeat(600), value: 1 }], "INVALID_MAPPING_KEY", /1 to 200/],
  ["emoji", [{ key: "😀", value: 1 }], "INVALID_MAPPING_KEY", /😀/],
  ["a number", [{ key: 1, value: 1 }], "INVALID_MAPPING_KEY", /number/],
  [
    "a key twice",
    [...Array(1_000).keys()].map((i) => ({ key: `k${i % 999}`, value: 1 })),
    "DUPLICATE_MAPPING_KEY",
    /"k0" twice/,
  ],
])("a generator that yields %s fails with the rule", async (_what, items, code, message) => {
  const run = await run1(yields(...items));
  expect(run.steps.gen).toMatchObject({
    status: "FAILURE",
    attempts: 1,
    error: { code, message: expect.stringMatching(message) },
  });
});

test.each(["__proto__", "constructor", "ключ", "k".repeat(200), "a-b_c"])(
  "the key %s comes through unchanged",
  async (key) => {
    const echo = op({ name: "echo", in: z.any(), run: ({ input, stepKey }) => [input, stepKey] });
    const run = await executeInProcess(job("demo", (g) => void g.map(g.call(yields({ key, value: 7 })), echo)));
    expect(run.output(`echo[${key}]`)).toEqual([7, `echo[${key}]`]);
  },
);

test("a generator op that does not yield, and a plain op that does, fail with the reason", async () => {
  const plain = op({ name: "plain", out: dynamic(z.any()), run: (async () => 5) as never });
  expect((await run1(plain)).steps.plain!.error).toMatchObject({ code: "NOT_A_GENERATOR" });
  const generator = op({ name: "generator", out: z.any(), run: (async function* () { yield 1; }) as never }); // prettier-ignore
  expect((await run1(generator)).steps.generator!.error).toMatchObject({ code: "NOT_DYNAMIC" });
});

test("a retried generator is given its committed keys; leaving one out fails it", async () => {
  const seen: (readonly string[])[] = [];
  const again = (keep: boolean) =>
    op({
      name: "gen",
      out: dynamic(z.number()),
      retry: { maxRetries: 1 },
      async *run({ attempt, committedKeys }) {
        seen.push(committedKeys);
        if (attempt === 1 || keep) yield { key: "a", value: attempt };
        if (attempt === 1) throw new Error("half way");
        yield { key: "b", value: attempt };
      },
    });
  const good = await run1(again(true));
  expect([good.status, good.output("gen")]).toEqual(["SUCCESS", [1, 2]]);
  expect(seen).toEqual([[], ["a"]]);
  expect((await run1(again(false))).steps.gen!.error).toMatchObject({ code: "FAN_OUT_CHANGED" });
});

test("config is parsed by each op's own schema: defaults filled in, other ops' keys unseen, fixed config first", async () => {
  const a = op({
    name: "a",
    config: z.strictObject({ x: z.number(), y: z.number().default(2) }),
    run: ({ config }) => config,
  });
  const b = op({ name: "b", config: z.object({ z: z.string() }), run: ({ config }) => config });
  const demo = job("demo", (g) => {
    g.call(a);
    g.call(b, undefined, { config: { z: "fixed" } });
  });
  const run = await executeInProcess(demo, { config: { x: 1 } });
  expect([run.output("a"), run.output("b")]).toEqual([{ x: 1, y: 2 }, { z: "fixed" }]);
  await expect(executeInProcess(demo, { config: {} })).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    details: { pointer: "/x" },
  });
  await expect(executeInProcess(demo, { config: { x: "1" } })).rejects.toMatchObject({ details: { pointer: "/x" } });
  await expect(executeInProcess(demo, { config: { x: 1, z: "run" } })).rejects.toMatchObject({
    details: { pointer: "/z" },
  });
});

test("inputs and outputs are checked against their schemas, with the path", async () => {
  const any = op({ name: "any", run: (): any => ({ n: "text" }) });
  const strict = op({ name: "strict", in: z.object({ n: z.number() }), run: ({ input }) => input });
  const run = await executeInProcess(job("demo", (g) => void g.call(strict, g.call(any) as never)));
  expect(run.steps.strict!.error).toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringMatching(/\$\.n: .*number/),
    metadata: { pointer: "/n" },
  });
  const wrong = op({ name: "wrong", out: z.object({ n: z.number() }), run: () => ({ n: "x" }) as never });
  expect((await run1(wrong)).steps.wrong!.error).toMatchObject({
    code: "INVALID_OUTPUT",
    message: expect.stringMatching(/returned a bad output: \$\.n: Invalid input: expected number, received string\.$/),
  });
  const whole = op({ name: "whole", out: { a: z.number() }, run: () => ({ a: "x" }) as never });
  expect((await run1(whole)).steps.whole!.error!.message).toBe(
    'The op "whole" (step "whole") returned a bad output "a": Invalid input: expected number, received string.',
  );
  const missing = op({ name: "missing", out: { a: z.number(), b: z.number() }, run: () => ({ a: 1 }) as never });
  expect((await run1(missing)).steps.missing!.error!.message).toMatch(/did not return its output "b"/);
  const unknown = op({ name: "unknown", out: { a: z.number() }, run: () => ({ a: 1, c: 2 }) });
  expect((await run1(unknown)).steps.unknown!.error!.message).toMatch(/"c", which is not one of its outputs/);
});

test("asynchronous schemas are waited for", async () => {
  const slow = op({ name: "slow", out: z.string().refine(async (text) => text !== "bad"), run: () => "good" });
  expect((await run1(slow)).output("slow")).toBe("good");
});

test("a step sees itself: keys, attempt, tags, fence, log and progress", async () => {
  const self = op({
    name: "self",
    tags: { b: "op" },
    run: ({ job: name, stepKey, attempt, tags, fence, log, progress, signal }) => {
      log("hello", { n: 1n, error: new Error("x") });
      log.warn("careful");
      progress(0.4, "almost");
      return { name, stepKey, attempt, tags, fence, aborted: signal.aborted };
    },
  });
  const run = await executeInProcess(
    job("demo", { tags: { a: "job", b: "job" } }, (g) => void g.call(self)),
    { tags: { a: "run" } },
  );
  expect(run.output("self")).toEqual({
    name: "demo",
    stepKey: "self",
    attempt: 1,
    tags: { a: "run", b: "op" },
    fence: 1,
    aborted: false,
  });
  expect(run.logs).toEqual([
    { step: "self", level: "info", text: 'hello {"n":"1","error":"Error: x"}' },
    { step: "self", level: "warn", text: "careful" },
  ]);
  expect(progressOf(run)).toEqual({ fraction: 0.4, message: "almost" });
});

const progressOf = ({ events }: Awaited<ReturnType<typeof run1>>) =>
  events.find(({ type }) => type === "STEP_PROGRESS")!.data;

test.each([7, -1, 0 / 0, "half"])("progress of %p is told as the nearest number from 0 to 1", async (given) => {
  const run = await run1(op({ name: "odd", run: ({ progress }) => progress(given as number) }));
  expect(progressOf(run)).toMatchObject({ fraction: given === 7 ? 1 : 0 });
});

test("an op's hooks run once, when the step has ended for good, and cannot fail it", async () => {
  const told: unknown[] = [];
  const hooked = (fails: boolean) =>
    op({
      name: "hooked",
      retry: { maxRetries: 1 },
      hooks: {
        onSuccess: ({ outputs }) => {
          told.push(outputs);
          throw new Error("hook broke");
        },
        onFailure: ({ error, attempt }) => void told.push([error!.message, attempt]),
      },
      run: () => {
        if (fails) throw new Error("no");
        return 5;
      },
    });
  const good = await run1(hooked(false));
  const bad = await run1(hooked(true));
  expect([good.status, bad.status]).toEqual(["SUCCESS", "FAILURE"]);
  expect(told).toEqual([{ result: 5 }, ["no", 2]]);
  expect(typesOf(good.events, "hooked")).toContain("HOOK_ERRORED");
  expect(typesOf(bad.events, "hooked").filter((type) => type === "HOOK_COMPLETED")).toHaveLength(1);
});

test("a job's hooks hear how the run ended", async () => {
  const told: unknown[] = [];
  const onFailure = ({ failedSteps, error, job: name }: any) => void told.push([name, failedSteps, error.message]);
  const breaks = op({ name: "breaks", run: () => { throw new Error("no"); } }); // prettier-ignore
  await executeInProcess(
    job("bad", { hooks: { onFailure, onSuccess: () => told.push("never") } }, (g) => void g.call(breaks)),
  );
  await executeInProcess(
    job("good", { hooks: { onFailure, onSuccess: ({ error }) => told.push(error) } }, (g) => void g.call(gives(1))),
  );
  expect(told).toEqual([["bad", ["breaks"], expect.stringContaining("breaks")], null]);
});

test("a resource is set up once for all steps and torn down at the end; a test may put another in its place", async () => {
  const life: string[] = [];
  const counter = resource({ name: "counter", setUp: async () => { life.push("up"); return { n: 0 }; }, tearDown: (value) => life.push(`down ${value.n}`) }); // prettier-ignore
  const count = op({ name: "count", resources: { counter }, run: ({ resources }) => ++resources.counter.n });
  const twice = job("twice", (g) => [g.call(count), g.call(count)]);
  const run = await executeInProcess(twice);
  expect([run.output("count_2"), life]).toEqual([2, ["up", "down 2"]]);
  expect((await executeInProcess(twice, { resources: { counter: { n: 40 } } })).output("count_2")).toBe(42);
  const broken = resource({ name: "broken", setUp: () => { throw new Error("no database"); } }); // prettier-ignore
  expect((await run1(op({ name: "needs", resources: { broken }, run: () => 1 }))).steps.needs!.error!.message).toBe(
    "no database",
  );
});

test("a step that outlasts its timeout fails with TIMEOUT and has its signal raised", async () => {
  let reason: unknown;
  const slow = op({
    name: "slow",
    timeoutMs: 20,
    run: ({ signal }) => new Promise(() => signal.addEventListener("abort", () => (reason = signal.reason))),
  });
  expect((await run1(slow)).steps.slow!.error).toMatchObject({
    code: "TIMEOUT",
    message: expect.stringMatching(/20 ms/),
  });
  expect(reason).toMatchObject({ code: "TIMEOUT" });
});

test("asking for the output of a step that has none says why", async () => {
  const run = await run1(op({ name: "breaks", run: () => { throw new Error("no"); } })); // prettier-ignore
  expect(() => run.output("breaks")).toThrow(/is FAILURE: no/);
  expect(() => run.output("brakes")).toThrow(/does not exist; there are breaks/);
});

test("a copy of an op's context can all that the context can", async () => {
  const copies = op({
    name: "copies",
    run: (context) => {
      const copy = { ...context };
      copy.log.info("from the copy");
      copy.progress(0.5);
      return copy.signal.aborted;
    },
  });
  const run = await run1(copies);
  expect(run.output("copies")).toBe(false);
  expect(run.logs).toContainEqual({ step: "copies", level: "info", text: "from the copy" });
  expect(typesOf(run.events, "copies")).toContain("STEP_PROGRESS");
});

test("a list that comes in pages is loaded and checked as one that comes whole", async () => {
  const sums = op({
    name: "sums",
    in: z.array(z.coerce.number()),
    run: ({ input }) => input.reduce((sum, one) => sum + one, 0),
  });
  const performed = (stream: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const call = { job: "demo", runId: "r", stepKey: "sums", attempt: 1, fence: 1, config: {}, tags: {} };
      const inputs = { "": { stream: (async function* () { yield* stream as Json[]; })() } }; // prettier-ignore
      const manager = { name: "half", load: (_: unknown, handle: Json) => Number(handle) / 2 };
      const host = {
        stopped: () => false,
        secrets: NO_SECRETS,
        ioManagers: new Map([["half", manager]]),
        output: (_: string, value: unknown) => resolve(value),
      };
      const retry = { maxRetries: 0, delayMs: 0, backoff: null, jitter: null };
      void performStep(sums, { ...call, inputs, retry }, host as never).then(
        (outcome) => outcome.ok || reject(new Error(outcome.thrown.error.message)),
      );
    });
  await expect(performed(["1", 2, "3"])).resolves.toBe(6);
  await expect(performed([1, { "dqueue/io": "half", handle: 10 }])).resolves.toBe(6);
  await expect(performed([1, "two"])).rejects.toThrow(/bad input.*\$\.1/);
});
