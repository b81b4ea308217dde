/**
 * What Dagster's own tests hold of fan-outs (A1–A12, A28), end to end. Held elsewhere, by real processes in both modes
 * unless said otherwise:
 * - A2, B13, an empty fan-out: test/cases/fan-out.test.ts (FAN-1);
 * - A7, the same key twice in a row, and A8, keys that are refused and odd ones that are not: the same file (FAN-3);
 * - A9, plain values of generators and items of plain ops: test/types/wiring.ts (do not compile) and
 *   test/sdk/perform.test.ts (fail by name);
 * - A24, a collect of x given to a map over x: test/sdk/refusals.test.ts (refused at definition).
 */
import { join } from "node:path";
import { onBoth, outcome } from "../cases/modes";
import { asked } from "./asked";

const JOBS = `export * from ${JSON.stringify(join(__dirname, "code/fan-outs"))};`;
// Of every process: one that holds on to what passes through it does not live to see the end of A28.
const SLOTS = 8;
const settings = {
  DQUEUE_CONCURRENCY: String(SLOTS),
  DQUEUE_STEP_MEMORY_MB: "128",
  NODE_OPTIONS: "--max-old-space-size=128",
};

onBoth("A fan-out", { jobs: JOBS, settings }, (cluster) => {
  const { run, output, executed, ends } = asked(cluster);

  /** As `run`; the steps that wait for it go on once this event has been seen. */
  const runUntil = async (job: string, config: object, go: { type: string; step: string }) => {
    const { client, place } = cluster();
    const { id } = await client.runs.launch({ job, config: { ...config } });
    await client.runs.wait(id, ({ type, step }) => {
      if (type === go.type && step === go.step) place.write(`${id}.go`, "go\n");
    });
    return outcome(cluster(), id);
  };

  test("A1: a chain of two maps runs each step once per item, and what follows its collect goes on with the sum", async () => {
    const chain = await run("chain");
    expect(chain.run.status).toBe("SUCCESS");
    const performed = [0, 1, 2].flatMap((i) => [`tenfold[${i}]`, `twice[${i}]`]);
    expect(executed(chain)).toEqual([...performed, "double", "echo", "sum"].sort());
    expect(Object.keys(ends(chain)).sort()).toEqual([...performed, "double", "echo", "range", "sum"].sort());
    for (const key of performed)
      expect([chain.count("STEP_START", key), chain.count("STEP_SUCCESS", key)]).toEqual([1, 1]);
    expect(await Promise.all(["sum", "double", "echo"].map((key) => output(chain, key)))).toEqual([60, 120, 120]);
  });

  test.each([
    // 0 + 1 + 2 = 3, 3 + 4 + 5 = 12, 12 + 13 + 14 = 39.
    ["3_3_3", [3, 12, 39]],
    ["0_0_0", [0, 0, 0]],
    ["3_0_3", [3, 0, 3]],
  ])("A3: three rounds of fan-out and fan-in, of %s items", async (sizes, sums) => {
    const rounds = await run(`rounds_${sizes}`);
    expect(rounds.run.status).toBe("SUCCESS");
    expect(await Promise.all(["sum", "sum_2", "sum_3"].map((key) => output(rounds, key)))).toEqual(sums);
    const mapped = sizes
      .split("_")
      .flatMap((n, round) =>
        Array.from({ length: Number(n) }, (_, i) => `echo${round === 0 ? "" : `_${round + 1}`}[${i}]`),
      );
    expect(executed(rounds)).toEqual([...mapped, "sum", "sum_2", "sum_3"].sort());
  });

  test("A4: a generator that fails before its first item leaves no child, and its collect does not run", async () => {
    const broken = await run("broken", { after: 0 });
    expect(broken.run).toMatchObject({ status: "FAILURE", failure_reason: "STEP_FAILURE" });
    expect(ends(broken)).toEqual({ breaks: "FAILURE", list: "UPSTREAM_FAILED" });
    expect(executed(broken)).toEqual(["broke"]);
  });

  test.each([2, 30])(
    "A5: children of a generator that fails after %i items end if they have begun, else never start",
    async (after) => {
      const broken = await run("broken", { after });
      expect(broken.run.status).toBe("FAILURE");
      const { list, breaks, ...children } = ends(broken);
      expect([list, breaks]).toEqual(["UPSTREAM_FAILED", "FAILURE"]);
      expect(broken.count("STEP_START", "list")).toBe(0);
      expect(Object.keys(children)).toHaveLength(after);
      const failedAt = broken.events.findIndex(({ type }) => type === "STEP_FAILURE");
      for (const [key, end] of Object.entries(children)) {
        const begun = broken.events.findIndex(({ type, step }) => type === "STEP_START" && step === key);
        expect([key, end, begun < failedAt]).toEqual([key, begun < 0 ? "UPSTREAM_FAILED" : "SUCCESS", true]);
      }
      const begun = Object.keys(children).filter((key) => children[key] === "SUCCESS");
      expect(executed(broken)).toEqual(expect.arrayContaining(["broke", ...begun]));
      // A slot of another worker, and the one that the generator leaves, may take one more before word of the failure is
      // there: it is ended again.
      const others = Math.max(0, cluster().processes("worker").length - 1);
      expect(executed(broken).length - 1 - begun.length).toBeLessThanOrEqual(after === 2 ? 0 : SLOTS * others + 1);
      if (after === 2) expect(begun).toHaveLength(2);
      else expect(begun.length).toBeLessThan(after);
    },
  );

  test("A6: a generator's next try keeps what is committed, in its order, and may add to it", async () => {
    const changed = await run("changed", { second: ["b", "a", "c"] });
    expect(changed.run.status).toBe("SUCCESS");
    expect(await output(changed, "list")).toEqual(["a1", "b1", "c2"]);
    expect(executed(changed)).toEqual(["word[a]", "word[b]", "word[c]"]);
    const { items } = await cluster().client.runs.logs(changed.run.id, { step: "changes" });
    expect(items.map(({ attempt, text }) => [attempt, text])).toEqual([
      [1, 'committed {"keys":[]}'],
      [2, 'committed {"keys":["a","b"]}'],
    ]);
  });

  test("A6: a generator whose next try leaves a committed key out fails by that name", async () => {
    const changed = await run("changed", { second: ["b", "c"] });
    expect(changed.run.status).toBe("FAILURE");
    const { error } = changed.steps.find(({ key }) => key === "changes")!;
    expect(error).toMatchObject({ code: "FAN_OUT_CHANGED", message: expect.stringContaining('"a"') });
    expect(ends(changed)).toMatchObject({ changes: "FAILURE", list: "UPSTREAM_FAILED" });
  });

  test.each([1, 10_000])(
    "A7: a key that comes again after %i others fails its generator by that key",
    async (between) => {
      const doubled = await run("keys", { keys: ["first", "again", "again_not", "again"], between });
      expect(doubled.run.status).toBe("FAILURE");
      expect(ends(doubled)).toEqual({ keyed: "FAILURE", list: "UPSTREAM_FAILED" });
      expect(doubled.steps.find(({ key }) => key === "keyed")!.error!.message).toContain('"again"');
    },
  );

  test("A8: keys that Dagster refuses are refused here, with the form that is allowed", async () => {
    const keys = ["", "?", "foo.baz", "[", "]", "/", "k".repeat(300)];
    const refused = await Promise.all(keys.map((key) => run("keys", { keys: ["good", key] })));
    refused.forEach((each, i) => {
      expect([keys[i], ends(each)]).toEqual([keys[i], { keyed: "FAILURE", list: "UPSTREAM_FAILED" }]);
      const { error } = each.steps.find(({ key }) => key === "keyed")!;
      expect(error).toMatchObject({ code: "INVALID_MAPPING_KEY", message: expect.stringMatching(/letters/) });
    });
  });

  test("A10, A11, B11: one of five fails: the others go on behind their items, and the run fails once all have ended", async () => {
    const five = await runUntil("five", { n: 5, fails: 1 }, { type: "STEP_FAILURE", step: "one_fails[1]" });
    expect(five.run.status).toBe("FAILURE");
    const others = [0, 2, 3, 4].flatMap((i) => [`one_fails[${i}]`, `behind[${i}]`]);
    expect(ends(five)).toEqual({
      range: "SUCCESS",
      "one_fails[1]": "FAILURE",
      "behind[1]": "UPSTREAM_FAILED",
      sum: "UPSTREAM_FAILED",
      ...Object.fromEntries(others.map((key) => [key, "SUCCESS"])),
    });
    expect(executed(five)).toEqual([...others, "one_fails[1]"].sort());
    expect([five.count("STEP_START", "sum"), five.count("STEP_START", "behind[1]")]).toEqual([0, 0]);
    const at = (type: string, key: string | null) =>
      five.events.find((event) => event.type === type && event.step === key)!.seq;
    expect(at("STEP_FAILURE", "one_fails[1]")).toBeLessThan(at("STEP_SUCCESS", "one_fails[4]"));
    expect(at("RUN_FAILURE", null)).toBe(five.run.seq);
  });

  test("A12, B15: a collect waits for a child that is tried again, and keeps the order of the items", async () => {
    const ordered = await runUntil("ordered", {}, { type: "STEP_SUCCESS", step: "retried[1]" });
    expect(ordered.run.status).toBe("SUCCESS");
    expect(await output(ordered, "list")).toEqual([0, 1, 2]);
    expect(executed(ordered)).toEqual(["retried[0] 1", "retried[1] 1", "retried[1] 2", "retried[2] 1"]);
    expect(
      ordered.events
        .filter(({ step, type }) => step === "retried[1]" && type !== "STEP_OUTPUT")
        .map(({ type }) => type),
    ).toEqual(["STEP_QUEUED", "STEP_START", "STEP_UP_FOR_RETRY", "STEP_QUEUED", "STEP_RESTARTED", "STEP_SUCCESS"]);
    const succeeded = ordered.events.filter(({ type }) => type === "STEP_SUCCESS").map(({ step }) => step);
    expect(succeeded.indexOf("retried[0]")).toBeGreaterThan(succeeded.indexOf("retried[1]"));
    expect(succeeded.at(-1)).toBe("list");
  });

  // A third of the 300 that the scenario asks for: they take half a minute.
  test("A28: 100 items of a megabyte pass through processes of which none could hold them all", async () => {
    const large = await run("large_items", { megabytes: 100 });
    expect(large.run).toMatchObject({ status: "SUCCESS" });
    expect(await output(large, "sum")).toBe(100_000_000);
    expect(await output(large, "measure_all")).toEqual({ count: 100, total: 100_000_000, inOrder: true });
    for (const { key, attempt, lost } of large.steps) expect([key, attempt, lost]).toEqual([key, 1, 0]);
  });
});
