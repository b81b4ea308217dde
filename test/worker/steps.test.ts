import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtFile } from "../../runtime/built";
import { type Worker, endOf, jobOf, startWorker } from "./workbench";

const COPY = "second-copy";
const OPS = [
  `op({ name: "add", config: z.object({ by: z.number() }), in: z.object({ n: z.number() }), out: z.number(),
        run: async ({ config, input }) => input.n + config.by })`,
  `op({ name: "alter", config: z.object({ list: z.any() }), run: ({ config, tags }) => {
        try { (tags as any).mine = "mine"; } catch {} // Sloppy code is not told.
        config.list.push(tags.mine ?? "not mine");
        return config.list; } })`,
  `op({ name: "give", config: z.object({ what: z.string() }), run: ({ config }) => given[config.what]() })`,
  `op({ name: "fail", config: z.object({ how: z.string() }), run: ({ config }) => failures[config.how]() })`,
  `op({ name: "branch", out: { a: optional(z.number()), b: optional(z.number()) }, run: () => ({ b: 2 }) })`,
  `op({ name: "keys", config: z.object({ keys: z.array(z.string()) }), out: dynamic(z.string()),
        async *run({ config }) { for (const key of config.keys) yield { key, value: key }; } })`,
  `op({ name: "many", config: z.object({ n: z.number(), last: z.string() }), out: dynamic(z.number()),
        async *run({ config }) { for (let i = 0; i < config.n; i++) yield { key: "k" + i, value: i }; yield { key: config.last, value: 0 }; } })`,
  `op({ name: "big", config: z.object({ n: z.number() }), out: dynamic(z.string()),
        async *run({ config, log }) {
          let peak = 0;
          for (let i = 0; i < config.n; i++) { yield { key: "k" + i, value: "x".repeat(1e6) }; peak = Math.max(peak, process.memoryUsage.rss()); }
          log.info(String(peak));
        } })`,
  `op({ name: "counted", resources: { counter }, run: ({ resources }) => resources.counter.next() })`,
  `op({ name: "total", in: stream(z.number()), run: async ({ input }) => { let sum = 0; for await (const n of input) sum += n; return sum; } })`,
  `op({ name: "whole", in: z.array(z.number()), run: ({ input }) => input.length })`,
  `op({ name: "hooked", hooks: { onSuccess: ({ outputs, log }) => log.info("hook " + JSON.stringify(outputs)), onFailure: () => { throw new Error("no hook"); } },
        config: z.object({ fail: z.boolean().default(false) }), run: ({ config }) => { if (config.fail) throw new Error("no"); return 1; } })`,
  `op({ name: "place", run: () => { interface Typed { a: string }; const typed: Typed = { a: "x" };
        throw new Error("at a TypeScript line " + typed.a); } })`,
];
const PRELUDE = `
import { Failure as OtherFailure } from "${COPY}";
class Own extends Failure {}
const nested = async () => { await new Promise((r) => setTimeout(r, 1)); throw new Failure("no", { retryable: false, metadata: { n: 1 } }); };
const failures: Record<string, () => unknown> = {
  here: () => { throw new Failure("no", { retryable: false, metadata: { n: 1 } }); },
  copy: () => { throw new OtherFailure("no", { retryable: false, metadata: { n: 1 } }); },
  subclass: () => { throw new Own("no", { retryable: false, metadata: { n: 1 } }); },
  nested, plain: () => { throw new Error("no"); },
  asked: () => { throw new RetryRequested({ maxRetries: 3, delayMs: 30 * 86_400_000 }); },
  nul: () => { throw new Error("x\\u0000y"); },
};
const circle: any = {}; circle.self = circle;
const given: Record<string, () => unknown> = {
  NaN: () => ({ x: NaN }), Infinity: () => -Infinity, undef: () => ({ a: undefined, b: 1 }), bigint: () => ({ x: 10n }), date: () => new Date(0),
  symbol: () => Symbol("s"), fn: () => () => 1, map: () => ({ x: new Map([[1, 2]]) }), buffer: () => Buffer.from("a"),
  circle: () => circle, toJSON: () => ({ toJSON() { throw new Error("never"); } }), nul: () => ({ "k\\u0000": "v\\u0000" }), fine: () => "fine",
};
let torn: string[] = [];
const counter = resource({ name: "counter", setUp: () => { let n = 0; console.log("set up"); return { next: () => ++n }; }, tearDown: () => { console.log("torn down"); } });
`;

let worker: Worker;
beforeAll(async () => {
  const code = jobOf(...OPS).replace("const value =", `${PRELUDE}const value =`);
  worker = await startWorker({ "index.ts": code }, {}, {}, {});
  // A second copy of dqueue, as a package of the user's would bring it.
  const copy = join(worker.location.folder, "node_modules", COPY, "index.js");
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(
    copy,
    `const path = ${JSON.stringify(builtFile("sdk/errors.js"))}; const kept = require.cache[path]; delete require.cache[path];
     module.exports = require(path); if (kept) require.cache[path] = kept; else delete require.cache[path];`,
  );
  worker.pool.start();
});
afterAll(() => worker.stop());

test("a step gets its config and input and gives its output", async () => {
  const end = await worker.perform("add", { config: { by: 2 }, inputs: { "": { value: { n: 40 } } } });
  expect(end).toMatchObject({ type: "succeeded", outputs: { result: { value: 42 } }, worker: "worker-1" });
  expect(end.type === "succeeded" && end.pid).not.toBe(process.pid);
});

test("what steps of a bundle have in common comes to each of them, and none can alter it for another", async () => {
  const [config, tags, alike] = [{ list: ["given"] }, { team: "media" }, { run: "run-2" }];
  const adds = [1, 2].map((n) =>
    worker.action("add", { ...alike, config: { by: 2 }, inputs: { "": { value: { n } } } }),
  );
  const alters = [1, 2].map(() => worker.action("alter", { ...alike, config, tags }));
  const bundle = [...adds, ...alters, worker.action("add", { config: { by: 3 }, inputs: adds[1]!.inputs })];
  await worker.executor.deliver(bundle, { redelivered: false });
  const outputs = bundle.map((one) => endOf(worker.reports, one)).map((end) => "outputs" in end && end.outputs.result);
  const altered = ["given", "not mine"];
  expect(outputs).toEqual([3, 4, altered, altered, 5].map((value) => ({ value })));
});

test("a bad config and a bad input fail the step with the place", async () => {
  const config = await worker.perform("add", { config: { by: "two" }, inputs: { "": { value: { n: 1 } } } });
  expect(config).toMatchObject({ type: "failed", retryable: false, error: { code: "INVALID_CONFIG" } });
  expect(config.type === "failed" && config.error.message).toContain("$.by");
  const input = await worker.perform("add", { config: { by: 2 }, inputs: { "": { value: { n: null } } } });
  expect(input).toMatchObject({ type: "failed", error: { code: "INVALID_INPUT" } });
});

test("an op that this code lacks is given back", async () => {
  expect(await worker.perform("nowhere")).toMatchObject({ type: "released", reason: "unknown_op" });
});

test("a large input by reference is fetched, a large output is stored", async () => {
  worker.stored.set("in", { n: 5 });
  const end = await worker.perform("add", { config: { by: 1 }, inputs: { "": { ref: "in", size: 300_000 } } });
  expect(end).toMatchObject({ type: "succeeded", outputs: { result: { value: 6 } } });
  const tooLarge = await worker.perform("add", { inputs: { "": { ref: "in", size: 65 * 1024 * 1024 } } });
  expect(tooLarge).toMatchObject({ type: "failed", retryable: false, error: { code: "INPUT_TOO_LARGE" } });
});

describe("values that JSON cannot hold (VAL-2)", () => {
  test.each([
    ["NaN", "$.x", "NaN"],
    ["Infinity", "$", "-Infinity"],
    ["bigint", "$.x", "bigint"],
    ["symbol", "$", "symbol"],
    ["fn", "$", "function"],
    ["map", "$.x", "Map"],
    ["buffer", "$", "Buffer"],
    ["circle", "$.self", "circular"],
    ["toJSON", "$", "throws"],
    ["nul", "$", "NUL"],
  ])("%s is refused with its path and type, and the next step is served", async (what, path, type) => {
    const end = await worker.perform("give", { config: { what } });
    expect(end).toMatchObject({ type: "failed", error: { code: "UNSTORABLE_VALUE" } });
    expect(end.type === "failed" && end.error.message).toContain(path);
    expect(end.type === "failed" && end.error.message).toContain(type);
    expect(await worker.perform("give", { config: { what: "fine" } })).toMatchObject({ type: "succeeded" });
  });

  test("a Date becomes text and undefined is dropped, as documented", async () => {
    const date = await worker.perform("give", { config: { what: "date" } });
    expect(date).toMatchObject({ outputs: { result: { value: "1970-01-01T00:00:00.000Z" } } });
    const undef = await worker.perform("give", { config: { what: "undef" } });
    expect(undef.type === "succeeded" && undef.outputs.result).toEqual({ value: { b: 1 } });
  });
});

describe("errors cross the process boundary by value (RET-1)", () => {
  test.each(["here", "copy", "subclass", "nested"])("a Failure that is not retryable stays so: %s", async (how) => {
    const end = await worker.perform("fail", { config: { how } });
    expect(end).toMatchObject({ type: "failed", retryable: false, error: { message: "no", metadata: { n: 1 } } });
    expect(end.type === "failed" && end.error.name).toBe(how === "subclass" ? "Own" : "Failure");
  });

  test("a plain error may be retried", async () => {
    expect(await worker.perform("fail", { config: { how: "plain" } })).toMatchObject({
      type: "failed",
      retryable: true,
    });
  });

  test("a RetryRequested carries its numbers", async () => {
    expect(await worker.perform("fail", { config: { how: "asked" } })).toMatchObject({
      type: "failed",
      retryRequested: { maxRetries: 3, delayMs: 30 * 86_400_000 },
    });
  });

  test("a NUL in a message is shown as ␀", async () => {
    expect(await worker.perform("fail", { config: { how: "nul" } })).toMatchObject({ error: { message: "x␀y" } });
  });

  test("stacks show the line of the TypeScript source", async () => {
    const end = await worker.perform("place");
    const line =
      jobOf(...OPS)
        .replace("const value =", `${PRELUDE}const value =`)
        .split("\n")
        .findIndex((l) => l.includes("at a TypeScript line")) + 1;
    expect(end.type === "failed" && end.error.stack).toContain(`index.ts:${line}:`);
  });
});

test("optional outputs that did not come are absent", async () => {
  const end = await worker.perform("branch");
  expect(end.type === "succeeded" && end.outputs).toEqual({ b: { value: 2 } });
});

describe("generators", () => {
  const itemsOf = (fence: number) =>
    worker.reports
      .flatMap((r) => (r.type === "items" && r.fence === fence ? r.items : []))
      .map(([key, value]) => ({ key, value }));

  test("items are reported in order, before the count", async () => {
    const end = await worker.perform("keys", { config: { keys: ["a", "ключ", "x-1_2"] } });
    expect(end).toMatchObject({ type: "succeeded", items: 3, outputs: {} });
    expect(itemsOf(end.fence).map((item) => item.key)).toEqual(["a", "ключ", "x-1_2"]);
  });

  test.each(["a/b", "a b", "x[1]", "50%", "..", "😀", "", "k".repeat(600)])(
    "the key %j fails with the rule",
    async (key) => {
      const end = await worker.perform("keys", { config: { keys: ["fine", key] } });
      expect(end).toMatchObject({ type: "failed", error: { code: "INVALID_MAPPING_KEY" } });
      expect(end.type === "failed" && end.error.message).toContain(JSON.stringify(key).slice(1, 20).replace(/"$/, ""));
    },
  );

  test.each(["__proto__", "constructor"])("the key %s is one as any other", async (key) => {
    expect(await worker.perform("keys", { config: { keys: [key, "x"] } })).toMatchObject({
      type: "succeeded",
      items: 2,
    });
  });

  test("a key that comes again 10,000 items later fails with the key", async () => {
    const end = await worker.perform("many", { config: { n: 10_000, last: "k0" } });
    expect(end).toMatchObject({ type: "failed", error: { code: "DUPLICATE_MAPPING_KEY" } });
    expect(end.type === "failed" && end.error.message).toContain('"k0"');
    expect(itemsOf(end.fence)).toHaveLength(10_000);
  });

  test("committed keys are told again, since the owner counts what this try has yielded", async () => {
    const end = await worker.perform("keys", { config: { keys: ["a", "b", "c"] }, committedKeys: ["a", "b"] });
    expect(end).toMatchObject({ type: "succeeded", items: 3 });
    expect(itemsOf(end.fence).map((item) => item.key)).toEqual(["a", "b", "c"]);
  });

  test("leaving a committed key out fails", async () => {
    const end = await worker.perform("keys", { config: { keys: ["a"] }, committedKeys: ["a", "b"] });
    expect(end).toMatchObject({ type: "failed", error: { code: "FAN_OUT_CHANGED" } });
    expect(end.type === "failed" && end.error.message).toContain('"b"');
  });

  test("memory stays flat over 300 items of 1 MB, which are stored before they are reported", async () => {
    const step = worker.action("big", { config: { n: 300 } });
    await worker.executor.deliver([step], { redelivered: false });
    const items = itemsOf(step.fence);
    expect(items.map((item) => item.key)).toEqual(Array.from({ length: 300 }, (_, i) => `k${i}`));
    expect(items.every((item) => "ref" in item.value && item.value.size === 1_000_002)).toBe(true);
    expect(Number(worker.lines(step.step)[0]!.text)).toBeLessThan(250 * 1024 * 1024);
    worker.stored.clear();
  });
});

test("a resource is set up once per process", async () => {
  const first = await worker.perform("counted");
  const second = await worker.perform("counted");
  expect(first).toMatchObject({ outputs: { result: { value: 1 } } });
  expect(second).toMatchObject({ outputs: { result: { value: 2 } } });
});

test("hooks run after the step, and their errors do not alter its end", async () => {
  const good = await worker.perform("hooked");
  expect(good).toMatchObject({ type: "succeeded", hooks: [{ event: "success", error: null }] });
  const bad = await worker.perform("hooked", { config: { fail: true } });
  expect(bad).toMatchObject({
    type: "failed",
    error: { message: "no" },
    hooks: [{ event: "failure", error: { message: "no hook" } }],
  });
});

describe("lists", () => {
  const pages = { pages: { input: "", count: 5 } };
  const list = [1, 2, 3, 4, 5];
  const page = async ({ offset }: { offset: number }) => ({
    values: list.slice(offset, offset + 2),
    next: offset + 2 < list.length ? offset + 2 : null,
  });

  test("are read page by page, as a stream or whole", async () => {
    const paged = await startWorker(
      { "index.ts": jobOf(OPS.at(-4)!, OPS.at(-3)!) },
      {},
      {},
      { values: { store: async () => "", load: async () => null, loadListPage: page } },
    );
    paged.pool.start();
    expect(await paged.perform("total", { inputs: { "": pages } })).toMatchObject({
      outputs: { result: { value: 15 } },
    });
    expect(await paged.perform("whole", { inputs: { "": pages } })).toMatchObject({
      outputs: { result: { value: 5 } },
    });
    await paged.stop();
  });

  test("may be streamed from an inline list", async () => {
    const inline = { list: list.map((value) => ({ value })) };
    expect(await worker.perform("total", { inputs: { "": inline } })).toMatchObject({
      outputs: { result: { value: 15 } },
    });
  });
});
