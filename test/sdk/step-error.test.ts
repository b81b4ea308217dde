import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { DqueueError, Failure, RetryRequested } from "../../sdk";
import { toStepError } from "../../sdk/step-error";

const secondCopy = (): { Failure: typeof Failure; RetryRequested: typeof RetryRequested } => {
  let copy!: ReturnType<typeof secondCopy>;
  jest.isolateModules(() => (copy = require("../../sdk"))); // eslint-disable-line @typescript-eslint/no-require-imports
  return copy;
};
class MyFailure extends Failure {}

test.each([
  ["a Failure", () => new Failure("no", { retryable: false, metadata: { n: 1 } }), "Failure"],
  [
    "one of a second copy of the package",
    () => new (secondCopy().Failure)("no", { retryable: false, metadata: { n: 1 } }),
    "Failure",
  ],
  ["a subclass", () => new MyFailure("no", { retryable: false, metadata: { n: 1 } }), "MyFailure"],
])("%s that is not retryable keeps that, its message, class and metadata", (_what, make, name) => {
  const error = make();
  expect(error instanceof Failure).toBe(name === "MyFailure" || _what === "a Failure");
  expect(toStepError(error)).toMatchObject({ retryable: false, error: { name, message: "no", metadata: { n: 1 } } });
});

test("a plain error and a Failure are retryable", () => {
  expect(toStepError(new Error("no"))).toMatchObject({ retryable: true, error: { name: "Error", message: "no" } });
  expect(toStepError(new Failure("no")).retryable).toBe(true);
});

test("RetryRequested carries its own numbers, also from a second copy", () => {
  expect(toStepError(new RetryRequested({ maxRetries: 3, delayMs: 30 * 86_400_000 })).retryRequested).toEqual({
    maxRetries: 3,
    delayMs: 30 * 86_400_000,
  });
  expect(toStepError(new (secondCopy().RetryRequested)()).retryRequested).toEqual({ maxRetries: 1, delayMs: null });
  expect(() => new RetryRequested({ maxRetries: -1 })).toThrow(/whole number/);
  expect(() => new RetryRequested({ delayMs: NaN })).toThrow(/delayMs/);
});

test("the class's name is told even if the class sets none", () => {
  class Flaky extends TypeError {}
  expect(toStepError(new Flaky("x")).error.name).toBe("Flaky");
  expect(toStepError(new TypeError("x")).error.name).toBe("TypeError");
  expect(toStepError(runInNewContext('new RangeError("far")')).error).toMatchObject({
    name: "RangeError",
    message: "far",
  });
  expect(toStepError(Object.assign(new Error("x"), { name: "Own", code: "E_OWN" })).error).toMatchObject({
    name: "Own",
    code: "E_OWN",
  });
});

test("causes are followed, also through circles and beyond reason", () => {
  const root = new Error("root");
  const middle = new TypeError("middle", { cause: root });
  expect(toStepError(new Error("top", { cause: middle })).error).toMatchObject({
    cause: { name: "TypeError", cause: { message: "root" } },
  });
  const circle = new Error("circle");
  circle.cause = new Error("other", { cause: circle });
  expect(toStepError(circle).error.cause!.cause).toMatchObject({ name: "CircularCause" });
  let long = new Error("0");
  for (let i = 1; i < 1_000; i++) long = new Error(String(i), { cause: long });
  expect(JSON.stringify(toStepError(long).error).length).toBeLessThan(100_000);
  expect(toStepError(new AggregateError([new RangeError("one")], "all failed")).error.cause).toMatchObject({
    message: "one",
  });
  expect(toStepError(new Error("x", { cause: "a text" })).error.cause).toMatchObject({
    message: expect.stringContaining("a text"),
  });
});

test.each([["boom"], [undefined], [null], [42], [{ a: 1 }], [Symbol("s")], [() => 1], [10n]])(
  "thrown %p is told as what it is",
  (thrown) => {
    const { error, retryable } = toStepError(thrown);
    expect(error.name).toBe("NotAnError");
    expect(error.message).toMatch(/was thrown instead of an Error/);
    expect(retryable).toBe(true);
  },
);

test("errors that resist being read are told all the same", () => {
  const hostile = new Proxy(new Error("x"), {
    get() {
      throw new Error("trap");
    },
    getPrototypeOf() {
      throw new Error("trap");
    },
  });
  expect(toStepError(hostile).error.name).toEqual(expect.any(String));
  const getter = Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("no");
    },
  });
  expect(toStepError(getter).error.message).toBe("");
});

test("long and unstorable texts are cut and made storable", () => {
  const error = Object.assign(new Error(`x\0y${"é".repeat(100_000)}`), { metadata: { big: "x".repeat(100_000) } });
  const told = toStepError(error).error;
  expect(told.message.startsWith("x␀y")).toBe(true);
  expect(Buffer.byteLength(told.message)).toBeLessThanOrEqual(64 * 1024);
  expect(Buffer.byteLength(told.stack!)).toBeLessThanOrEqual(64 * 1024);
  expect(told.metadata).toEqual({ metadata_left_out: expect.stringMatching(/more than 65536/) });
  expect(toStepError(new Failure("x", { metadata: { n: NaN } as never })).error.metadata).toEqual({
    metadata_left_out: expect.stringMatching(/\$\.n is NaN/),
  });
});

test("a stack is the author's: frames of ours and of Node are left out, unless there is nothing else", () => {
  const root = join(__dirname, "..", "..");
  const stackOf = (error: Error, ...frames: string[]): string[] => {
    error.stack = [`${error.name}: ${error.message}`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
    return toStepError(error).error.stack!.split("\n").slice(1);
  };
  const ours = [`op (${root}/sdk/op.ts:1:2)`, `main (${root}/dist/runtime/code.js:3:4)`, "node:internal/timers:5:6"];
  const theirs = ["run (/app/jobs/sdk/a.ts:7:8)", "async /app/node_modules/x/runtime/b.js:9:10"];
  const frames = [...ours, "JSON.parse (<anonymous>)", ...theirs];
  expect(stackOf(new TypeError("x"), ...frames)).toEqual(theirs.map((frame) => `    at ${frame}`));
  expect(stackOf(new DqueueError("X", "thrown on purpose"), ...ours)).toEqual([]);
  expect(stackOf(new TypeError("a fault of ours"), ...ours)).toHaveLength(3);
});
