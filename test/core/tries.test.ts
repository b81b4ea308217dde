import { retryDelayMs } from "../../core/retry";
import { fanOut, from, generator, job, op } from "./graphs";
import { given } from "./performance";
import {
  dies,
  error,
  failed,
  fails,
  givesBack,
  lost,
  ok,
  progressed,
  released,
  started,
  stopped,
  succeeded,
  yields,
} from "./reports";

const policy = { maxRetries: 3, delayMs: 100, backoff: null, jitter: null } as const;

describe("the delay before a retry (A14)", () => {
  test.each([
    [null, [100, 100, 100]],
    ["linear", [100, 200, 300]],
    ["exponential", [100, 300, 700]],
  ] as const)("with back-off %s grows as Dagster's", (backoff, delays) => {
    expect([1, 2, 3].map((n) => retryDelayMs({ ...policy, backoff }, n, 0.5))).toEqual(delays);
  });

  test("with full jitter lies in [0, delay]", () => {
    expect([0, 0.5, 0.999].map((random) => retryDelayMs({ ...policy, jitter: "full" }, 1, random))).toEqual([
      0, 50, 100,
    ]);
  });

  test("with plus-minus jitter lies within a base delay of it, and never below 0", () => {
    const jittered = { ...policy, backoff: "linear", jitter: "plus_minus" } as const;
    expect([0, 0.5, 1].map((random) => retryDelayMs(jittered, 2, random))).toEqual([100, 200, 300]);
    expect(retryDelayMs(jittered, 1, 0)).toBe(0);
  });

  test("stays a date however often it doubles, and 0 stays 0", () => {
    const century = 100 * 365 * 86_400_000;
    expect(retryDelayMs({ ...policy, backoff: "exponential" }, 5_000, 0)).toBe(century);
    expect(retryDelayMs({ ...policy, delayMs: 0, backoff: "exponential" }, 5_000, 0)).toBe(0);
    expect(retryDelayMs({ ...policy, backoff: "exponential", jitter: "full" }, 5_000, 0)).toBe(0);
  });
});

describe("a failed try", () => {
  test.each([0, 1, 2])("is repeated as often as the policy says: %i times (A13)", (maxRetries) => {
    const run = given(job(op("a", { retry: { maxRetries, delayMs: 10 } })))
      .admit()
      .play({ a: fails() });
    const told = run.told("a");
    expect(told.filter((type) => type === "STEP_START")).toHaveLength(1);
    for (const type of ["STEP_UP_FOR_RETRY", "STEP_RESTARTED"])
      expect(told.filter((t) => t === type)).toHaveLength(maxRetries);
    expect(told.filter((type) => type === "STEP_FAILURE")).toHaveLength(1);
    expect(run.steps.get("a")).toMatchObject({
      status: "FAILURE",
      attempt: maxRetries + 1,
      retryAt: null,
      error: error(),
    });
  });

  test("asked for by RetryRequested carries its own numbers (A13)", () => {
    const run = given(job(op("a"))).admit();
    const asked = fails({ retryRequested: { maxRetries: 3, delayMs: 42 } });
    run.perform("a", ...asked());
    expect(run.steps.get("a")).toMatchObject({ status: "UP_FOR_RETRY", retryAt: run.now + 42, attempt: 2 });
    run.play({ a: asked });
    expect(run.steps.get("a")).toMatchObject({ status: "FAILURE", attempt: 4 });
  });

  test("asked for without a delay takes the policy's", () => {
    const run = given(job(op("a", { retry: { delayMs: 70 } }))).admit();
    run.perform("a", failed({ retryRequested: { maxRetries: 1, delayMs: null } }));
    expect(run.steps.get("a")!.retryAt).toBe(run.now + 70);
  });

  test("that is not retryable fails at once", () => {
    const run = given(job(op("a", { retry: policy })))
      .admit()
      .play({ a: fails({ retryable: false }) });
    expect(run.steps.get("a")).toMatchObject({ status: "FAILURE", attempt: 1 });
  });

  test("is due at its time, not before, and once", () => {
    const run = given(job(op("a", { retry: policy }))).admit();
    run.perform("a", failed());
    const { at } = run.retries[0]!;
    expect(run.send({ type: "RETRY_DUE", step: "a", at: at - 1 })).toEqual([]);
    expect(run.send({ type: "RETRY_DUE", step: "a", at })).toHaveLength(1);
    expect(run.send({ type: "RETRY_DUE", step: "a", at })).toEqual([]);
    run.dispatch("a");
    expect(run.send({ type: "RETRY_DUE", step: "a", at })).toEqual([]);
  });

  test("is not repeated where the retry would come after the run's deadline (B9)", () => {
    const graph = job(op("a", { retry: { maxRetries: 5, delayMs: 60_000 } }));
    const run = given(graph, { tags: { "dagster/max_runtime": "30" } }).admit();
    run.perform("a", started(), failed());
    expect(run.row).toMatchObject({ status: "FAILURE", failureReason: "STEP_FAILURE" });
    const patient = given(graph, { tags: { "dagster/max_runtime": "90" } }).admit();
    patient.perform("a", started(), failed());
    expect(patient.status("a")).toBe("UP_FOR_RETRY");
  });

  test("keeps the whole error by value in its event", () => {
    const run = given(job(op("a"))).admit();
    const whole = {
      name: "E",
      message: "m",
      code: "C",
      stack: "s",
      metadata: { k: 1 },
      cause: { name: "F", message: "n" },
    };
    run.perform("a", failed({ error: whole }));
    expect(run.events.find(({ type }) => type === "STEP_FAILURE")!.data).toEqual({ error: whole });
    expect(run.steps.get("a")!.error).toEqual(whole);
  });
});

test("what ends an attempt that is not the last tells when it began, and where", () => {
  const run = given(job(op("a", { retry: { maxRetries: 1, delayMs: 10 } }))).admit();
  run.perform("a", failed({ startedAt: 1_000, at: 2_000, worker: "w7", slot: "2.1" }));
  const { data } = run.events.find(({ type }) => type === "STEP_UP_FOR_RETRY")!;
  expect(data).toMatchObject({ started_at: 1_000, worker: "w7", slot: "2.1", attempt: 2 });
});

test("the slot of the try that goes on stands in the step's row; the next dispatch has none until it begins", () => {
  const run = given(job(op("a", { retry: { maxRetries: 1, delayMs: 10 } }))).admit();
  run.perform("a", failed({ worker: "w7", slot: "2.1" }));
  expect(run.steps.get("a")).toMatchObject({ worker: "w7", slot: "2.1" });
  run.send({ type: "RETRY_DUE", step: "a", at: run.retries[0]!.at });
  run.dispatch("a");
  expect(run.steps.get("a")).toMatchObject({ worker: null, slot: null });
  run.report("a", { type: "STARTED", worker: "w8", pid: 7 });
  expect(run.steps.get("a")).toMatchObject({ worker: "w8", slot: null });
  expect(run.events.findLast(({ type }) => type === "STEP_RESTARTED")!.data).toMatchObject({
    worker: "w8",
    slot: null,
  });
});

describe("a lost step", () => {
  test("runs again, counted, with the same attempt", () => {
    const run = given(job(op("a")))
      .admit()
      .play({ a: [dies, ok()] });
    expect(run.told("a")).toEqual([
      ...["STEP_QUEUED", "STEP_START", "STEP_LOST", "STEP_QUEUED", "STEP_RESTARTED"],
      ...["STEP_OUTPUT", "STEP_SUCCESS"],
    ]);
    expect(run.steps.get("a")).toMatchObject({ lost: 1, attempt: 1 });
    expect(run.events.find(({ type }) => type === "STEP_RESTARTED")!.data).toMatchObject({ lost: 1 });
    const lostOn = run.events.find(({ type }) => type === "STEP_LOST")!.data;
    expect(lostOn).toMatchObject({ lost: 1, worker: "w1", error: { message: "out of memory" } });
  });

  test("for the third time is poison", () => {
    const run = given(job(op("a", { retry: policy })))
      .admit()
      .play({ a: dies });
    expect(run.steps.get("a")).toMatchObject({ status: "FAILURE", lost: 3, attempt: 1 });
    expect(run.steps.get("a")!.error).toMatchObject({
      code: "STEP_LOST",
      message: "Lost 3 times while it ran, the last time so: out of memory",
      cause: { message: "out of memory" },
    });
  });

  test("that was the cause of an earlier death too is counted for both", () => {
    const run = given(job(op("a")))
      .admit()
      .play({ a: [() => [{ ...lost(), times: 2 } as ReturnType<typeof lost>], ...Array(2).fill(dies)] });
    expect(run.steps.get("a")).toMatchObject({ status: "FAILURE", lost: 3 });
    expect(run.told("a").filter((type) => type === "STEP_LOST")).toHaveLength(2);
  });

  test("that had not started is not blamed", () => {
    const run = given(job(op("a")))
      .admit()
      .play({ a: [() => [lost(null)], ok()] });
    expect(run.steps.get("a")).toMatchObject({ lost: 0, status: "SUCCESS" });
    expect(run.told("a")).not.toContain("STEP_LOST");
  });

  test("whose start is told only by its loss, had started, wherever that was", () => {
    const run = given(job(op("a"))).admit();
    run.perform("a", { ...lost(2_500), worker: "w9" } as ReturnType<typeof lost>);
    expect(run.told("a")).toEqual(["STEP_QUEUED", "STEP_START", "STEP_LOST"]);
    expect(run.steps.get("a")).toMatchObject({ startedAt: 2_500, worker: "w9", lost: 1, status: "QUEUED" });
    run.perform("a", lost(2_600));
    expect(run.steps.get("a")).toMatchObject({ worker: null, lost: 2 });
  });
});

describe("a released step", () => {
  test("is dispatched again at once and without blame", () => {
    const run = given(job(op("a")))
      .admit()
      .play({ a: [givesBack, () => [released("no_slot")], ok()] });
    expect(run.steps.get("a")).toMatchObject({ lost: 0, attempt: 1, status: "SUCCESS" });
    expect(run.told("a")).toEqual([
      ...["STEP_QUEUED", "STEP_START", "STEP_RELEASED", "STEP_QUEUED", "STEP_QUEUED"],
      ...["STEP_RESTARTED", "STEP_OUTPUT", "STEP_SUCCESS"],
    ]);
  });

  test("is what a stop comes to that nobody ordered", () => {
    const run = given(job(op("a"))).admit();
    run.perform("a", started(), stopped());
    expect(run.readyKeys()).toEqual(["a"]);
  });
});

describe("reports of another fence", () => {
  const all = [started(), succeeded(), failed(), lost(), released(), stopped(), progressed(1, 9_000)];

  test("change nothing, of an older dispatch or of one never made", () => {
    const run = given(job(op("a"))).admit();
    const old = run.dispatch("a");
    run.report("a", started());
    run.report("a", released());
    for (const report of all) expect(run.report("a", report, old)).toEqual([]);
    run.dispatch("a");
    for (const fence of [old, 99_999]) for (const report of all) expect(run.report("a", report, fence)).toEqual([]);
    expect(run.status("a")).toBe("QUEUED");
  });

  test("of steps that the run does not have change nothing", () => {
    const run = given(job(op("a"))).admit();
    expect(run.send({ type: "STARTED", step: "b", fence: 1, worker: "w", pid: 1, at: 1 })).toEqual([]);
  });

  test("change nothing once the step has ended", () => {
    const run = given(job(op("a"), op("b"))).admit();
    run.perform("a");
    for (const report of all) expect(run.report("a", report)).toEqual([]);
  });
});

describe("repeated events", () => {
  test("change nothing: a start, an admission, a dispatch of what is not ready", () => {
    const run = given(job(op("a"), op("b", { in: [from("a")] }))).admit();
    expect(run.send({ type: "ADMITTED", at: 3_000 })).toEqual([]);
    run.perform("a", started());
    expect(run.report("a", started())).toEqual([]);
    for (const step of ["a", "b"]) expect(run.send({ type: "DISPATCHED", step, fence: 900, at: 3_000 })).toEqual([]);
  });

  test("of progress are told once, and late ones not at all", () => {
    const run = given(job(op("a"))).admit();
    run.perform("a", started(), progressed(0.5, 5_000));
    expect(run.report("a", progressed(0.5, 5_000))).toEqual([]);
    expect(run.report("a", progressed(0.4, 4_000))).toEqual([]);
    run.report("a", released());
    run.perform("a", started(), progressed(0.1, 3_000));
    expect(run.events.filter(({ type }) => type === "STEP_PROGRESS").map(({ data }) => data!.fraction)).toEqual([
      0.5, 0.1,
    ]);
  });
});

test("an event that this version does not know stops the actor instead of being passed over", () => {
  const run = given(job(op("a"))).admit();
  run.dispatch("a");
  expect(() => run.report("a", { type: "FROM_THE_FUTURE" } as any)).toThrow("Unexpected value");
});

test("a generator that is lost is given a new fence, and its old items do not count as yielded again", () => {
  const run = given(fanOut()).admit();
  const old = run.dispatch("e");
  for (const report of yields("0", "1")().slice(0, 3)) run.report("e", report, old);
  run.report("e", lost());
  run.perform("e", ...yields("0", "1")());
  expect(run.steps.get("e")).toMatchObject({ status: "SUCCESS", items: 2, lost: 1 });
});

test("what op hooks did is told with the end of the step", () => {
  const run = given(job(op("a"), op("b"), generator("g"))).admit();
  const hooks = [
    { hook: "notify", event: "success" as const, error: null },
    { hook: "page", event: "success" as const, error: error("no line") },
  ];
  run.perform("a", { ...succeeded(), hooks } as ReturnType<typeof succeeded>);
  run.perform("b", failed({ hooks }));
  for (const step of ["a", "b"])
    expect(run.events.filter((event) => event.step === step && event.type.startsWith("HOOK"))).toMatchObject([
      { type: "HOOK_COMPLETED", data: { hook: "notify", event: "success" } },
      { type: "HOOK_ERRORED", data: { hook: "page", error: { message: "no line" } } },
    ]);
});
