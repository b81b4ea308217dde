import type { Selection } from "../../core/records";
import { collect, fanOut, from, generator, item, job, op } from "./graphs";
import { given, Performance, recordOf } from "./performance";
import { failed, fails, nothing, ok, released, started, succeeded, yielded, yields } from "./reports";

describe("an actor rebuilt from its rows", () => {
  test("asks again for what was ready, and tells of its new owner", () => {
    const run = given(job(op("a"), op("b"))).admit();
    run.restore();
    expect(run.readyKeys()).toEqual(["a", "b"]);
    expect(run.events.at(-1)).toMatchObject({ type: "RUN_OWNER_CHANGED", data: { owner: "another" } });
  });

  test("of a queued run waits for its admission", () => {
    const run = given(job(op("a")));
    run.restore();
    expect(run.events).toEqual([]);
    run.admit();
    expect(run.readyKeys()).toEqual(["a"]);
  });

  test("takes the reports of dispatches that are out", () => {
    const run = given(fanOut()).admit();
    const fence = run.dispatch("e");
    run.restore();
    expect(run.readyKeys()).toEqual([]);
    for (const report of yields("0")()) run.report("e", report, fence);
    run.restore();
    run.play();
    expect(run.row).toMatchObject({ status: "SUCCESS", stepsSucceeded: 3 });
  });

  test("counts the items that a generator under way has yielded already", () => {
    const run = given(fanOut()).admit();
    run.perform("e", started(), yielded("0"), yielded("1"));
    run.restore();
    run.report("e", yielded("1"));
    run.report("e", succeeded([], { items: 3 }));
    expect(run.status("e")).toBe("STARTED");
    run.report("e", yielded("2"));
    expect(run.steps.get("e")).toMatchObject({ status: "SUCCESS", items: 3 });
  });

  test("finds an item left out by a generator under way that had run before, though not which", () => {
    const run = given(fanOut()).admit();
    run.perform("e", started(), yielded("0"), yielded("1"), released());
    run.perform("e", started(), yielded("1"));
    run.restore();
    run.report("e", succeeded([], { items: 1 }));
    expect(run.steps.get("e")!.error).toMatchObject({
      code: "FAN_OUT_CHANGED",
      message: expect.stringContaining("left out 1 of the items that it had yielded before. "),
    });
  });

  test("remembers retries, attempts and losses", () => {
    const run = given(job(op("a", { retry: { maxRetries: 2, delayMs: 500 } }))).admit();
    run.perform("a", started(), released());
    run.perform("a", ...fails()());
    run.restore();
    expect(run.retries).toMatchObject([{ at: run.now + 500 }]);
    run.nextRetry();
    run.dispatch("a");
    run.restore();
    run.report("a", started());
    expect(run.told("a").at(-1)).toBe("STEP_RESTARTED");
    expect(run.step("a").attempt).toBe(2);
  });

  test("asks again for a retry that was due but not dispatched", () => {
    const run = given(job(op("a", { retry: { maxRetries: 1 } }))).admit();
    run.perform("a", failed());
    run.nextRetry();
    run.restore();
    expect(run.retries).toHaveLength(1);
    run.play();
    expect(run.row.status).toBe("SUCCESS");
  });

  test("knows outputs that did not come, what failed and what was skipped", () => {
    const graph = job(
      op("a", { out: ["x?"] }),
      op("f"),
      op("gate"),
      op("b", { in: [from("a:x"), from("gate")] }),
      op("c", { in: [from("f"), from("gate")] }),
    );
    const run = given(graph).admit();
    run.perform("a", ...nothing());
    run.perform("f", failed());
    run.restore();
    run.play();
    expect(run.statuses).toMatchObject({ b: "NO_OUTPUT", c: "UPSTREAM_FAILED" });
    expect(run.row).toMatchObject({ status: "FAILURE", stepsFailed: 1, stepsSucceeded: 2 });
    expect(run.row.error!.message).toBe('The step "f" failed.');
  });

  test("knows which children are collected, and a failure that does not count", () => {
    const run = given(fanOut({ blocking: false }, collect("m", { failed: "omit" }))).admit();
    run.perform("e", ...yields("0", "1", "2")());
    run.perform("m[0]");
    run.perform("m[1]", failed());
    run.restore();
    expect(run.readyKeys()).toEqual(["m[2]"]);
    run.perform("m[2]");
    run.restore();
    expect(run.readyKeys()).toEqual(["c"]);
    run.play();
    expect(run.row).toMatchObject({ status: "SUCCESS", stepsFailed: 1 });
  });

  test("skips what the death of its owner left undecided", () => {
    const run = given(job(op("a"), op("b", { in: [from("a")] }), op("c", { in: [from("b")] }))).admit();
    run.perform("a", failed());
    // As if the commit with the skipped steps had been made by a version that decides them later.
    run.steps.delete("b");
    run.steps.delete("c");
    run.row = { ...run.row, status: "STARTED", endedAt: null, failureReason: null };
    run.restore();
    expect(run.statuses).toEqual({ a: "FAILURE", b: "UPSTREAM_FAILED", c: "UPSTREAM_FAILED" });
  });

  test("of a run being canceled asks once more for the stop, and gives up only what is under way", () => {
    const run = given(job(op("a"), op("b", { in: [from("a")] }))).admit();
    run.perform("a", started());
    run.cancel();
    run.restore();
    expect(run.stops).toBe(2);
    run.send({ type: "GRACE_OVER", at: run.now });
    expect(run.statuses).toEqual({ a: "CANCELED" });
    expect(run.row.status).toBe("CANCELED");
  });

  test("dispatches what was given back, and takes no late report of that dispatch", () => {
    const run = given(job(op("a"))).admit();
    const old = run.dispatch("a");
    run.report("a", released());
    run.restore();
    expect(run.readyKeys()).toEqual(["a"]);
    expect(run.report("a", started(), old)).toEqual([]);
  });

  test("asked to resume without a loss asks for what is ready once more", () => {
    const run = given(job(op("a"), op("b"))).admit();
    run.perform("b", started(), released());
    run.send({ type: "RESUMED", owner: "same", at: run.now });
    expect(run.readyKeys()).toEqual(["a", "b", "a", "b"]);
  });
});

describe("a rebuilt hook", () => {
  const hooked = { ...job(op("a", { retry: { maxRetries: 0 } })), hooks: { onSuccess: true, onFailure: true } };

  test("is asked for again, with why the run failed", () => {
    const run = given(hooked).admit();
    run.perform("a", failed());
    const { error } = run.row;
    run.restore();
    expect(run.readyKeys()).toEqual(["demo:on_failure"]);
    expect(run.run.error).toEqual(error);
    run.play();
    expect(run.row).toMatchObject({ status: "FAILURE", hooksOpen: false, error });
  });

  test("under way is waited for; one that waits for a retry is tried again", () => {
    const run = given(hooked).admit();
    run.perform("a");
    run.perform("demo:on_success", started());
    run.restore();
    run.report("demo:on_success", failed({ retryRequested: { maxRetries: 1, delayMs: 10 } }));
    run.restore();
    run.play();
    expect(run.told("demo:on_success").at(-1)).toBe("HOOK_COMPLETED");
    run.restore();
    expect(run.ready).toEqual([]);
    expect(run.row.hooksOpen).toBe(false);
  });

  test("is none where the job has none for how the run ended", () => {
    const run = given(job(op("a")))
      .admit()
      .play();
    run.restore();
    expect(run.ready).toEqual([]);
    const canceled = given(hooked).admit();
    canceled.cancel();
    canceled.restore();
    expect(canceled.ready).toEqual([]);
  });
});

describe("a re-execution", () => {
  const graph = job(
    generator("e"),
    op("m", { over: ["e"], in: [item("e")] }),
    op("sum", { in: [collect("m")] }),
    op("echo", { in: [from("sum")] }),
  );
  const parent = given(graph)
    .admit()
    .play({ e: yields("0", "1", "2"), "m[1]": fails() });

  /** A child run that keeps what its parent has of the steps given. */
  const again = (kept: string[], selection: Selection[]): Performance => {
    const steps = parent.restoredSteps().filter(({ step }) => kept.includes(step));
    const record = { ...recordOf(graph, { selection, parentRunId: "run", rootRunId: "run" }), id: "child" };
    const reused = steps.map((step) => ({ ...step, reusedFrom: "run" }));
    return new Performance(graph, record, { steps: reused, items: kept.includes("e") ? parent.items : [] }).admit();
  };

  test("from failure runs what failed and what is behind it, and reuses the rest (A25, A27, B12)", () => {
    const run = again(
      ["e", "m[0]", "m[2]"],
      [
        { node: "m", path: ["1"] },
        { node: "sum", path: [] },
        { node: "echo", path: [] },
      ],
    );
    expect(run.readyKeys()).toEqual(["m[1]"]);
    run.play();
    expect(run.statuses).toEqual({ "m[1]": "SUCCESS", sum: "SUCCESS", echo: "SUCCESS" });
    expect(run.step("m[0]")).toMatchObject({ status: "SUCCESS", reusedFrom: "run" });
    expect(run.row).toMatchObject({ status: "SUCCESS", stepsSucceeded: 6, stepsTotal: 6 });
  });

  test("of a whole map runs every child again, and skips what was not asked for", () => {
    const run = again(["e"], [{ node: "m", path: [] }]).play();
    expect(run.statuses).toEqual({
      ...{ "m[0]": "SUCCESS", "m[1]": "SUCCESS", "m[2]": "SUCCESS" },
      ...{ sum: "NOT_SELECTED", echo: "NOT_SELECTED" },
    });
    expect(run.row.status).toBe("SUCCESS");
  });

  test("from the generator makes its children anew", () => {
    const run = again(
      [],
      ["e", "m", "sum"].map((node) => ({ node, path: [] })),
    ).play({ e: yields("7") });
    expect(run.statuses).toMatchObject({ "m[7]": "SUCCESS", sum: "SUCCESS", echo: "NOT_SELECTED" });
  });

  test("skips behind a step that is neither kept nor selected", () => {
    const run = again([], [{ node: "echo", path: [] }]).play();
    expect(run.statuses).toEqual({ e: "NOT_SELECTED", sum: "NOT_SELECTED", echo: "NO_OUTPUT" });
    expect(run.row.status).toBe("SUCCESS");
  });

  test("skips an optional branch again (A27)", () => {
    const branch = job(op("a", { out: ["x?"] }), op("b", { in: [from("a:x")] }));
    expect(given(branch).admit().play({ a: nothing }).status("b")).toBe("NO_OUTPUT");
    expect(
      given(branch)
        .admit()
        .play({ a: ok("x") })
        .status("b"),
    ).toBe("SUCCESS");
  });
});
