import { collect, fanOut, from, generator, item, job, op } from "./graphs";
import { given } from "./performance";
import { dies, fails, failed, nothing, ok, started, succeeded, yielded, yields, yieldsThenFails } from "./reports";

describe("a fan-out", () => {
  test("maps each item once, chains by key, and collects into one step (A1)", () => {
    const graph = job(
      generator("e"),
      op("m", { over: ["e"], in: [item("e")] }),
      op("m2", { over: ["e"], in: [from("m")] }),
      op("sum", { in: [collect("m2")] }),
      op("double", { in: [from("sum")] }),
      op("echo", { in: [from("double")] }),
    );
    const run = given(graph)
      .admit()
      .play({ e: yields("0", "1", "2") });
    expect(run.statuses).toEqual({
      ...{ e: "SUCCESS", "m[0]": "SUCCESS", "m[1]": "SUCCESS", "m[2]": "SUCCESS" },
      ...{ "m2[0]": "SUCCESS", "m2[1]": "SUCCESS", "m2[2]": "SUCCESS" },
      ...{ sum: "SUCCESS", double: "SUCCESS", echo: "SUCCESS" },
    });
    expect(run.events.filter(({ type, step }) => type === "STEP_START" && step?.startsWith("m[")).length).toBe(3);
    expect(run.row.status).toBe("SUCCESS");
    expect(run.told(null)).toEqual(["RUN_DEQUEUED", "RUN_STARTING", "RUN_START", "RUN_SUCCESS"]);
  });

  test("of nothing lets its collect run once (A2)", () => {
    const run = given(fanOut()).admit().play();
    expect(run.statuses).toEqual({ e: "SUCCESS", c: "SUCCESS" });
    expect(run.told("c")).toEqual(["STEP_QUEUED", "STEP_START", "STEP_OUTPUT", "STEP_SUCCESS"]);
    expect(run.steps.get("e")).toMatchObject({ items: 0 });
  });

  const rounds = job(
    ...[1, 2, 3].flatMap((n) => [
      generator(`e${n}`, n > 1 ? { in: [from(`c${n - 1}`)] } : {}),
      op(`m${n}`, { over: [`e${n}`], in: [item(`e${n}`)] }),
      op(`c${n}`, { in: [collect(`m${n}`)] }),
    ]),
  );
  test.each([
    ["three of three", ["0", "1", "2"], ["0", "1", "2"], 15],
    ["none in any", [], [], 6],
    ["none in the middle round", ["0", "1", "2"], [], 12],
  ])("in three rounds: %s (A3)", (_, outer, middle, count) => {
    const run = given(rounds)
      .admit()
      .play({ e1: yields(...outer), e2: yields(...middle), e3: yields(...outer) });
    expect(run.row).toMatchObject({ status: "SUCCESS", stepsSucceeded: count, stepsTotal: count });
  });

  test("that fails before its first item skips its collect (A4)", () => {
    const run = given(fanOut())
      .admit()
      .play({ e: fails({ retryable: false }) });
    expect(run.statuses).toEqual({ e: "FAILURE", c: "UPSTREAM_FAILED" });
    expect(run.row).toMatchObject({ status: "FAILURE", failureReason: "STEP_FAILURE" });
    expect(run.row.error).toMatchObject({ code: "STEP_FAILURE", message: 'The step "e" failed.' });
  });

  test("streams: children start while their generator runs", () => {
    const run = given(fanOut()).admit();
    run.perform("e", started(), yielded("a"));
    run.perform("m[a]");
    expect(run.statuses).toEqual({ e: "STARTED", "m[a]": "SUCCESS" });
  });

  test("that fails half-way lets its started children end and starts no other (A5)", () => {
    const run = given(fanOut()).admit();
    run.perform("e", started(), yielded("0"), yielded("1"), yielded("2"));
    run.perform("m[0]", started());
    const queued = run.dispatch("m[1]");
    run.report("e", failed());
    expect(run.statuses).toEqual({
      ...{ e: "FAILURE", "m[0]": "STARTED", "m[1]": "UPSTREAM_FAILED", "m[2]": "UPSTREAM_FAILED" },
    });
    expect(run.revoked).toEqual([queued]);
    expect(run.row.status).toBe("STARTED");
    run.report("m[0]", succeeded());
    expect(run.row.status).toBe("FAILURE");
    expect(run.told("c")).toEqual(["STEP_SKIPPED"]);
  });

  test("that has failed retries none of its children and does not run lost ones again (A5)", () => {
    const run = given(fanOut({ retry: { maxRetries: 9 } })).admit();
    run.perform("e", started(), yielded("0"), yielded("1"));
    run.perform("m[0]", started());
    run.perform("m[1]", started());
    run.report("e", failed());
    run.report("m[0]", failed());
    run.report("m[1]", { type: "LOST", startedAt: 2_000, error: { name: "Error", message: "gone" } });
    expect(run.statuses).toMatchObject({ "m[0]": "FAILURE", "m[1]": "UPSTREAM_FAILED" });
    expect(run.row.status).toBe("FAILURE");
  });

  test("that is tried again keeps its committed items and adds to them (A6)", () => {
    const run = given(fanOut()).admit();
    run.run.plan.nodes.get("e")!.spec.retry.maxRetries = 1;
    run.play({ e: [yieldsThenFails("0", "1"), yields("1", "0", "2")] });
    expect(run.items.map(({ key, ordinal }) => [key, ordinal])).toEqual([
      ["0", 0],
      ["1", 1],
      ["2", 2],
    ]);
    expect(run.told("m[0]").filter((type) => type === "STEP_START")).toHaveLength(1);
    expect(run.row.status).toBe("SUCCESS");
  });

  test("that leaves out a committed item when it runs again fails (A6, FAN_OUT_CHANGED)", () => {
    const run = given(fanOut())
      .admit()
      .play({ e: [yieldsOnceThenDies("0", "1"), yields("1", "2")] });
    expect(run.steps.get("e")!.error).toMatchObject({
      code: "FAN_OUT_CHANGED",
      message: expect.stringContaining("left out 1 of the items that it had yielded before (0)"),
    });
    expect(run.statuses).toMatchObject({ e: "FAILURE", "m[0]": "SUCCESS", c: "UPSTREAM_FAILED" });
    expect(run.row.status).toBe("FAILURE");
  });

  test("names no more than five of the items left out", () => {
    const run = given(fanOut())
      .admit()
      .play({ e: [yieldsOnceThenDies("a", "b", "c", "d", "e", "f"), yields()] });
    expect(run.steps.get("e")!.error!.message).toContain(
      "left out 6 of the items that it had yielded before (a, b, c, d, e, …)",
    );
  });

  test("that reports an item twice counts it once (A7 is the worker's to refuse)", () => {
    const run = given(fanOut()).admit();
    run.perform("e", started(), yielded("0"));
    expect(run.report("e", yielded("0"))).toEqual([]);
    expect(run.items).toHaveLength(1);
  });

  test("takes items that arrive after the report of success, and ends with the last of them", () => {
    const run = given(fanOut()).admit();
    run.perform("e", yielded("0"), succeeded([], { items: 3 }));
    expect(run.report("e", succeeded([], { items: 3 }))).toEqual([]);
    run.report("e", yielded("1"));
    expect(run.status("e")).toBe("QUEUED");
    run.report("e", yielded("2"));
    expect(run.steps.get("e")).toMatchObject({ status: "SUCCESS", items: 3 });
    run.play();
    expect(run.row.status).toBe("SUCCESS");
  });

  test("does not take an item from an op that is no generator (A9)", () => {
    const run = given(job(op("a"))).admit();
    run.perform("a", started());
    expect(run.report("a", yielded("0"))).toEqual([]);
  });

  test("with a failing child lets the others end, then skips the collect and fails the run (A10)", () => {
    const run = given(fanOut()).admit();
    run.perform("e", ...yields("0", "1", "2", "3", "4")());
    run.perform("m[0]", started());
    for (const key of ["m[1]", "m[2]", "m[4]"]) run.perform(key);
    run.perform("m[3]", failed());
    expect(run.run.status).toBe("STARTED");
    expect(run.status("c")).toBeUndefined();
    run.report("m[0]", succeeded());
    expect(run.statuses).toMatchObject({ "m[3]": "FAILURE", c: "UPSTREAM_FAILED" });
    expect(run.told("c")).toEqual(["STEP_SKIPPED"]);
    expect(run.row.status).toBe("FAILURE");
  });

  test("keeps chains behind its children independent by key (A11)", () => {
    const graph = job(
      generator("e"),
      op("m", { over: ["e"], in: [item("e")] }),
      op("n", { over: ["e"], in: [from("m")] }),
      op("c", { in: [collect("n")] }),
    );
    const run = given(graph)
      .admit()
      .play({ e: yields("0", "1", "2"), "m[1]": fails() });
    expect(run.statuses).toMatchObject({
      ...{ "n[0]": "SUCCESS", "n[1]": "UPSTREAM_FAILED", "n[2]": "SUCCESS", c: "UPSTREAM_FAILED" },
    });
    expect(run.row.status).toBe("FAILURE");
  });

  test("waits in its collect for a child that is tried again (A12)", () => {
    const run = given(fanOut({ retry: { maxRetries: 1, delayMs: 5_000 } })).admit();
    run.perform("e", ...yields("0", "1")());
    run.perform("m[1]", ...fails()());
    run.perform("m[0]");
    expect(run.readyKeys()).toEqual([]);
    run.play();
    expect(run.told("m[1]")).toEqual([
      ...["STEP_QUEUED", "STEP_START", "STEP_UP_FOR_RETRY"],
      ...["STEP_QUEUED", "STEP_RESTARTED", "STEP_OUTPUT", "STEP_SUCCESS"],
    ]);
    expect(run.statuses).toMatchObject({ c: "SUCCESS" });
  });

  test("collected with failures omitted runs, and the run fails still (Decided 3)", () => {
    const run = given(fanOut({}, collect("m", { failed: "omit" })))
      .admit()
      .play({ e: yields("0", "1"), "m[0]": fails() });
    expect(run.statuses).toMatchObject({ "m[0]": "FAILURE", c: "SUCCESS" });
    expect(run.row).toMatchObject({ status: "FAILURE", stepsFailed: 1 });
  });

  test("collected with failures omitted runs not, if the generator failed (Decided 4)", () => {
    const run = given(fanOut({}, collect("m", { failed: "omit" })))
      .admit()
      .play({ e: yieldsThenFails("0") });
    expect(run.statuses).toMatchObject({ e: "FAILURE", c: "UPSTREAM_FAILED" });
  });

  test("marked non-blocking leaves the run a success, with and without a collect that omits failures", () => {
    for (const failures of ["omit", undefined] as const) {
      const run = given(fanOut({ blocking: false }, collect("m", { failed: failures })));
      run.admit().play({ e: yields("0", "1"), "m[0]": fails() });
      expect(run.status("c")).toBe(failures ? "SUCCESS" : "UPSTREAM_FAILED");
      expect(run.row).toMatchObject({ status: "SUCCESS", stepsFailed: 1, error: null });
    }
  });

  test("collected itself gives all its items to one step, and two of them to two inputs (A21)", () => {
    const graph = job(generator("e"), generator("f"), op("c", { in: [collect("e"), collect("f")] }));
    const run = given(graph).admit();
    run.perform("e", ...yields("0", "1")());
    expect(run.readyKeys()).toEqual(["f"]);
    run.play({ f: yields() });
    expect(run.statuses).toEqual({ e: "SUCCESS", f: "SUCCESS", c: "SUCCESS" });
  });

  test("whose children end before it settles the collect when it ends itself", () => {
    const run = given(fanOut()).admit();
    run.perform("e", started(), yielded("0"));
    run.perform("m[0]");
    expect(run.readyKeys()).toEqual([]);
    run.report("e", succeeded([], { items: 1 }));
    expect(run.readyKeys()).toEqual(["c"]);
  });

  test("whose input was skipped is skipped with what is behind it: not an empty list (A20, Decided 5)", () => {
    const graph = job(
      op("a", { out: ["x?"] }),
      generator("e", { in: [from("a:x")] }),
      op("m", { over: ["e"], in: [item("e")] }),
      op("c", { in: [collect("m")] }),
      op("d", { in: [collect("e")] }),
    );
    const run = given(graph).admit().play({ a: nothing });
    expect(run.statuses).toEqual({ a: "SUCCESS", e: "NO_OUTPUT", c: "NO_OUTPUT", d: "NO_OUTPUT" });
    expect(run.row.status).toBe("SUCCESS");
  });
});

test("a fan-out of 20,000 children with a chain behind each ends without deep recursion", () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => String(i));
  const run = given(fanOut())
    .admit()
    .play({ e: yields(...keys), "m[7]": dies, c: ok() });
  expect(run.statuses["m[7]"]).toBe("FAILURE");
  expect(run.row).toMatchObject({ status: "FAILURE", stepsSucceeded: 20_000, stepsFailed: 1, stepsTotal: 20_002 });
});

test("skips run down a chain longer than the stack is deep", () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => op(`s${i}`, i > 0 ? { in: [from(`s${i - 1}`)] } : {}));
  const run = given(job(...chain))
    .admit()
    .play({ s0: fails() });
  expect(run.row).toMatchObject({ status: "FAILURE", stepsFailed: 1 });
  expect(run.status("s19999")).toBe("UPSTREAM_FAILED");
});

function yieldsOnceThenDies(...keys: string[]) {
  return () => [started(), ...keys.map(yielded), ...dies().slice(1)];
}
