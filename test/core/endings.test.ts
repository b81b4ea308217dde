import { deadlineOf } from "../../core/deadline";
import { beforeItsEnd } from "../../core/restore";
import { collect, fanOut, from, generator, item, job, op } from "./graphs";
import { given } from "./performance";
import { dies, failed, fails, lost, ok, released, started, stopped, succeeded, yielded, yields } from "./reports";

describe("a cancel (B6)", () => {
  test("of a queued run ends it at once, without a step's row", () => {
    const run = given(fanOut());
    run.cancel();
    expect(run.told(null)).toEqual(["RUN_CANCELING", "RUN_CANCELED"]);
    expect(run.row).toMatchObject({ status: "CANCELED", startedAt: null, failureReason: null });
    expect(run.statuses).toEqual({});
    expect(run.endings).toBe(1);
    expect(run.send({ type: "ADMITTED", at: run.now })).toEqual([]);
  });

  test("of a run with nothing dispatched ends it at once", () => {
    const run = given(fanOut()).admit();
    run.cancel();
    expect(run.row.status).toBe("CANCELED");
    expect(run.stops).toBe(0);
  });

  test("revokes what has not begun and waits for what has", () => {
    const run = given(job(op("a"), op("b"), op("c", { in: [from("a"), from("b")] }))).admit();
    run.perform("a", started());
    const fence = run.dispatch("b");
    run.cancel();
    expect(run.revoked).toEqual([fence]);
    expect(run.stops).toBe(1);
    expect(run.row.status).toBe("CANCELING");
    expect(run.statuses).toEqual({ a: "STARTED", b: "CANCELED" });
    expect(run.cancel()).toEqual([]);
    run.report("a", stopped());
    expect(run.statuses).toEqual({ a: "CANCELED", b: "CANCELED" });
    expect(run.told(null).slice(-2)).toEqual(["RUN_CANCELING", "RUN_CANCELED"]);
  });

  test("drops what waits for a retry, and what was given back", () => {
    const run = given(job(op("a", { retry: { maxRetries: 1 } }), op("b"), op("c", { in: [from("a")] }))).admit();
    run.perform("a", ...fails()());
    run.perform("b", started(), released());
    run.cancel();
    expect(run.statuses).toEqual({ a: "CANCELED", b: "CANCELED" });
    expect(run.steps.get("a")).toMatchObject({ retryAt: null });
    expect(run.row.status).toBe("CANCELED");
    expect(run.send({ type: "RETRY_DUE", step: "a", at: run.now })).toEqual([]);
  });

  test.each([
    ["succeeds", succeeded(), "SUCCESS"],
    ["fails, which is not tried again", failed(), "FAILURE"],
    ["is lost", lost(), "CANCELED"],
    ["is given back", released(), "CANCELED"],
  ])("lets a step under way end as it does: it %s", (_, report, status) => {
    const run = given(job(op("a", { retry: { maxRetries: 9 } }), op("b", { in: [from("a")] }))).admit();
    run.perform("a", started());
    run.cancel();
    run.report("a", report);
    expect(run.statuses).toEqual({ a: status });
    expect(run.row).toMatchObject({ status: "CANCELED", failureReason: null });
  });

  test("makes no children of items that a generator still yields, and runs no collect", () => {
    const run = given(fanOut({}, collect("m", { failed: "omit" }))).admit();
    run.perform("e", started(), yielded("0"));
    run.dispatch("m[0]");
    run.cancel();
    run.report("e", yielded("1"));
    run.report("e", succeeded([], { items: 2 }));
    expect(run.statuses).toEqual({ e: "SUCCESS", "m[0]": "CANCELED" });
    expect(run.items).toHaveLength(2);
    expect(run.row.status).toBe("CANCELED");
  });

  test("leaves no step of a generator's children skipped, where the generator waits for its retry", () => {
    const run = given(fanOut()).admit();
    run.run.plan.nodes.get("e")!.spec.retry.maxRetries = 1;
    run.perform("e", started(), yielded("0"), yielded("1"), failed());
    run.perform("m[0]", started());
    run.cancel();
    expect(run.statuses).toEqual({ e: "CANCELED", "m[0]": "STARTED" });
  });

  test("gives up what does not answer within the grace, with whatever it says later", () => {
    const run = given(job(op("a"), op("b"))).admit();
    expect(run.send({ type: "GRACE_OVER", at: run.now })).toEqual([]);
    const fence = run.dispatch("a");
    run.report("a", started());
    run.cancel();
    run.send({ type: "GRACE_OVER", at: run.now + 30_000 });
    expect(run.statuses).toEqual({ a: "CANCELED" });
    expect(run.row).toMatchObject({ status: "CANCELED", endedAt: run.now + 30_000 });
    expect(run.report("a", succeeded(), fence)).toEqual([]);
    expect(run.send({ type: "GRACE_OVER", at: run.now })).toEqual([]);
  });

  test("of a run that has ended changes nothing", () => {
    const run = given(job(op("a")))
      .admit()
      .play();
    expect(run.cancel()).toEqual([]);
    expect(run.row.status).toBe("SUCCESS");
  });
});

describe("deadlines", () => {
  const runtime = { tags: { "dagster/max_runtime": "60" } };
  const start = { tags: { "dqueue/start_timeout": "10" } };

  test("are counted from what is recorded: from the start, or from the launch until then", () => {
    const tags = { ...runtime.tags, ...start.tags };
    const run = given(job(op("a")), { tags }).admit();
    expect(deadlineOf(run.run)).toEqual({ at: 11_000, reason: "START_TIMEOUT" });
    run.perform("a", started());
    expect(deadlineOf(run.run)).toEqual({ at: run.now + 60_000, reason: "MAX_RUNTIME" });
  });

  test.each([{}, { "dqueue/start_timeout": "0" }, { "dqueue/start_timeout": "soon" }])(
    "of none are none: %j",
    (tags) => {
      expect(deadlineOf(given(job(), { tags: tags as Record<string, string> }).run)).toBeNull();
    },
  );

  test("fail a run that has not started, queued or admitted", () => {
    for (const run of [given(fanOut(), start), given(fanOut(), start).admit()]) {
      run.send({ type: "DEADLINE", reason: "START_TIMEOUT", at: 13_000 });
      expect(run.row).toMatchObject({ status: "FAILURE", failureReason: "START_TIMEOUT" });
      expect(run.row.error!.message).toBe("The run had not started 12 s after it was queued.");
      expect(run.statuses).toEqual({});
    }
  });

  test("fail a run that takes too long, without waiting for its steps", () => {
    const run = given(job(op("a"), op("b"), op("c", { in: [from("a")] })), runtime).admit();
    run.perform("a", started());
    run.dispatch("b");
    run.send({ type: "DEADLINE", reason: "MAX_RUNTIME", at: 62_000 });
    expect(run.row).toMatchObject({ status: "FAILURE", failureReason: "MAX_RUNTIME", endedAt: 62_000 });
    expect(run.row.error!.message).toBe("The run took 60 s, longer than its max runtime of 60 s.");
    expect(run.statuses).toEqual({ a: "CANCELED", b: "CANCELED" });
    expect(run.stops).toBe(1);
  });

  test("that do not hold any more, or never did, change nothing", () => {
    const startedInTime = given(job(op("a")), start).admit();
    startedInTime.perform("a", started());
    expect(startedInTime.send({ type: "DEADLINE", reason: "START_TIMEOUT", at: 13_000 })).toEqual([]);
    const unlimited = given(job(op("a"))).admit();
    expect(unlimited.send({ type: "DEADLINE", reason: "MAX_RUNTIME", at: 13_000 })).toEqual([]);
    const canceling = given(job(op("a")), runtime).admit();
    canceling.perform("a", started());
    canceling.cancel();
    expect(canceling.send({ type: "DEADLINE", reason: "MAX_RUNTIME", at: 99_000 })).toEqual([]);
    const ended = given(job(op("a")), runtime)
      .admit()
      .play();
    expect(ended.send({ type: "DEADLINE", reason: "MAX_RUNTIME", at: 99_000 })).toEqual([]);
  });
});

describe("a job hook", () => {
  const hooked = (onSuccess: boolean, onFailure: boolean) => ({ ...job(op("a")), hooks: { onSuccess, onFailure } });

  test("is dispatched with the end of the run and outside of its status", () => {
    const run = given(hooked(true, true)).admit();
    run.perform("a");
    expect(run.row).toMatchObject({ status: "SUCCESS", hooksOpen: true });
    expect(run.endings).toBe(0);
    expect(run.readyKeys()).toEqual(["demo:on_success"]);
    run.perform("demo:on_success", failed());
    expect(run.row).toMatchObject({ status: "SUCCESS", hooksOpen: false, stepsTotal: 1, stepsFailed: 0 });
    expect(run.told("demo:on_success").at(-1)).toBe("HOOK_ERRORED");
    expect(run.endings).toBe(1);
  });

  test("for a failure runs again when it is given back or lost, and is told as completed", () => {
    const run = given(hooked(true, true)).admit();
    run.perform("a", failed());
    run.perform("demo:on_failure", started(), released());
    run.perform("demo:on_failure", started(), lost());
    run.perform("demo:on_failure", started(), succeeded([]));
    expect(run.told("demo:on_failure").at(-1)).toBe("HOOK_COMPLETED");
    expect(run.row).toMatchObject({ status: "FAILURE", hooksOpen: false });
  });

  test("that takes its process down three times is given up", () => {
    const run = given(hooked(true, false)).admit().play({ "demo:on_success": dies });
    expect(run.told("demo:on_success").at(-1)).toBe("HOOK_ERRORED");
    expect(run.endings).toBe(1);
  });

  test("runs after a deadline too, and comes back to the queue as any", () => {
    const run = given(hooked(false, true), { tags: { "dqueue/start_timeout": "1" } });
    run.send({ type: "DEADLINE", reason: "START_TIMEOUT", at: 13_000 });
    run.perform("demo:on_failure", started(), released());
    run.perform("demo:on_failure", started(), stopped());
    expect(run.readyKeys()).toEqual(["demo:on_failure"]);
  });

  test.each([
    ["succeeds and has only one for failure", hooked(false, true), ok(), "SUCCESS"],
    ["fails and has only one for success", hooked(true, false), fails(), "FAILURE"],
  ])("is none where the run %s", (_, graph, a, status) => {
    const run = given(graph).admit().play({ a });
    expect(run.row).toMatchObject({ status, hooksOpen: false });
    expect(run.endings).toBe(1);
  });

  test("is none for a canceled run", () => {
    const run = given(hooked(true, true)).admit();
    run.cancel();
    expect(run.row).toMatchObject({ status: "CANCELED", hooksOpen: false });
  });
});

describe("an ending that was not written, since a cancel had been accepted before", () => {
  const hooked = { ...job(op("a"), op("b", { in: [from("a")] })), hooks: { onSuccess: true, onFailure: true } };

  test.each([
    ["a success", ok()],
    ["a failure", fails()],
  ])("gives way to the cancel: %s", (_, b) => {
    const run = given(hooked).admit();
    run.perform("a");
    run.perform("b", ...b(run.step("b")));
    const [ended] = run.events.splice(-1);
    run.run = beforeItsEnd(run.run, ended!.seq - 1);
    run.cancel();
    expect(run.events.slice(-2)).toMatchObject([
      { type: "RUN_CANCELING", seq: ended!.seq },
      { type: "RUN_CANCELED", seq: ended!.seq + 1 },
    ]);
    expect(run.row).toMatchObject({ status: "CANCELED", failureReason: null, error: null, hooksOpen: false });
  });

  test.each([
    ["waits", false],
    ["is dispatched", true],
  ])("calls its hook off, which %s", (_, dispatched) => {
    const run = given(hooked).admit();
    run.perform("a");
    run.perform("b");
    const hook = run.step("demo:on_success");
    if (dispatched) run.dispatch(hook.key);
    expect([hook.ready, hook.dispatched]).toEqual([!dispatched, dispatched]);
    beforeItsEnd(run.run, 1);
    expect([hook.ready, hook.dispatched]).toEqual([false, false]);
  });

  test.each([
    ["was queued", false],
    ["was starting", true],
  ])("may be a timeout of one that %s", (_, admitted) => {
    const run = given(job(op("a")), { tags: { "dqueue/start_timeout": "1" } });
    if (admitted) run.admit();
    run.send({ type: "DEADLINE", reason: "START_TIMEOUT", at: 13_000 });
    expect(run.row).toMatchObject({ status: "FAILURE", failureReason: "START_TIMEOUT" });
    run.run = beforeItsEnd(run.run, 1);
    run.cancel();
    expect(run.row).toMatchObject({ status: "CANCELED", failureReason: null });
  });
});

test("a canceled run with nested maps ends without an open step", () => {
  const graph = job(
    generator("g"),
    generator("h", { over: ["g"], in: [item("g")] }),
    op("m", { over: ["g", "h"] }),
    op("c", { over: ["g"], in: [collect("m")] }),
  );
  const run = given(graph).admit();
  run.perform("g", started(), yielded("a"));
  run.perform("h[a]", ...yields("1", "2")());
  run.perform("m[a][1]", started());
  run.cancel();
  run.send({ type: "GRACE_OVER", at: run.now });
  expect(run.row.status).toBe("CANCELED");
  expect(run.run.open).toBe(0);
});
