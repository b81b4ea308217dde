/**
 * What Dagster's own tests hold of branches, sub-graphs, nested maps and re-executions (A16–A23, A25–A27, B12), end to
 * end. Held elsewhere, by real processes in both modes:
 * - A25, one mapped step with what follows it: test/cases/fan-out.test.ts (FAN-4);
 * - A27, a generator that broke off and is made whole: the same file (FAN-2).
 */
import { join } from "node:path";
import { onBoth, outcome } from "../cases/modes";
import { asked, type Outcome } from "./asked";

const JOBS = `export * from ${JSON.stringify(join(__dirname, "code/branches"))};`;

onBoth("A branch", { jobs: JOBS, settings: { DQUEUE_CONCURRENCY: "8" } }, (cluster) => {
  const { run, output, executed, ends } = asked(cluster);

  test("A16: of three outputs of a mapped op each is collected from the items that gave it; the consumer of none is skipped", async () => {
    const branched = await run("branched");
    expect(branched.run.status).toBe("SUCCESS");
    expect([await output(branched, "list_a"), await output(branched, "list_b")]).toEqual([[1], [2, 3]]);
    expect(ends(branched)).toMatchObject({ list_a: "SUCCESS", list_b: "SUCCESS", list_c: "NO_OUTPUT" });
    expect(executed(branched)).toEqual(["list_a", "list_b"]);
    expect(branched.events.find(({ type }) => type === "STEP_SKIPPED")).toMatchObject({
      step: "list_c",
      data: { skip_reason: "NO_OUTPUT" },
    });
  });

  test("A17, A18: an output that does not come skips all that follows, and whoever needs it beside another; lists drop it", async () => {
    const skipped = await run("skipped");
    expect(skipped.run.status).toBe("SUCCESS");
    expect(ends(skipped)).toEqual({
      ...{ left: "SUCCESS", first: "NO_OUTPUT", second: "NO_OUTPUT", third: "NO_OUTPUT" },
      ...{ half: "NO_OUTPUT", some: "SUCCESS", none: "NO_OUTPUT" },
    });
    expect(skipped.count("STEP_SKIPPED")).toBe(5);
    expect(await output(skipped, "some")).toEqual([1]);
    expect(executed(skipped)).toEqual(["some"]);
  });

  test("A19: a skipped input wins over a failed one, and the failed op fails the run", async () => {
    const both = await run("skipped_and_failed");
    expect(both.run.status).toBe("FAILURE");
    expect(ends(both)).toEqual({ left: "SUCCESS", fails: "FAILURE", both: "NO_OUTPUT" });
  });

  test("A20: a full list, an empty one and none fan out beside each other: the first two have sums, the third is skipped to its collect", async () => {
    const forked = await run("forked");
    expect(forked.run.status).toBe("SUCCESS");
    expect(await Promise.all(["sum_full", "sum_empty", "total"].map((key) => output(forked, key)))).toEqual([6, 0, 6]);
    expect(ends(forked)).toEqual({
      ...{ lists: "SUCCESS", each_full: "SUCCESS", each_empty: "SUCCESS", each_none: "NO_OUTPUT" },
      ...{ "same_full[1]": "SUCCESS", "same_full[2]": "SUCCESS", "same_full[3]": "SUCCESS" },
      ...{ sum_full: "SUCCESS", sum_empty: "SUCCESS", sum_none: "NO_OUTPUT", total: "SUCCESS" },
    });
  });

  test("A21: two generators are collected into one op", async () => {
    const joined = await run("two_generators");
    expect(joined.run.status).toBe("SUCCESS");
    expect(await output(joined, "joined")).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test("A22: a mapped sub-graph of sub-graphs has its path in every step's key, and in the published graph", async () => {
    const nested = await run("nested_graphs");
    expect(nested.run.status).toBe("SUCCESS");
    expect(await output(nested, "list")).toEqual([0, 1, 2]);
    const nodes = ["outer.same", "outer.middle.inner.same", "outer.middle.inner.same_2", "outer.middle.same"];
    const keys = nodes.flatMap((node) => [0, 1, 2].map((i) => `${node}[${i}]`));
    expect(Object.keys(ends(nested)).sort()).toEqual([...keys, "list", "three"].sort());
    const graph = await cluster().client.runs.graph(nested.run.id);
    expect(graph.nodes.map(({ name }) => name).sort()).toEqual([...nodes, "list", "three"].sort());
  });

  test("A23: a map inside of a map has a key of each, and is collected level by level, also where a level is empty", async () => {
    const nested = await run("nested_maps");
    expect(nested.run.status).toBe("SUCCESS");
    const keys = Object.keys(ends(nested));
    expect(keys.filter((key) => key.startsWith("same")).sort()).toEqual(["same[1][k0]", "same[2][k0]", "same[2][k1]"]);
    expect(await output(nested, "same[2][k1]")).toBe(21);
    expect(await output(nested, "list")).toEqual([0, 10, 41]);
  });

  describe("run again", () => {
    let whole: Outcome;
    beforeAll(async () => void (whole = await run("again")));
    const again = async (
      id: string,
      options: Parameters<ReturnType<typeof cluster>["client"]["runs"]["reexecute"]>[1],
    ) => outcome(cluster(), (await cluster().client.runs.reexecute(id, options)).id);

    test("A25: from the collect on, only that runs, on the outputs of the parent, and its tags tell the family", async () => {
      const { id } = whole.run;
      expect(executed(whole)).toEqual(["fragile[0]", "fragile[1]", "fragile[2]", "last", "source", "total"]);
      const child = await again(id, { from: "steps", steps: ["total+"] });
      expect(executed(child)).toEqual(["last", "total"]);
      expect([await output(child, "total"), await output(child, "last")]).toEqual([30, 31]);
      const family = { parent_run_id: id, root_run_id: id };
      const tags = { "dagster/parent_run_id": id, "dagster/root_run_id": id };
      expect(child.run).toMatchObject({ status: "SUCCESS", ...family, tags });
      const reused = await cluster().client.runs.step(child.run.id, "fragile[2]");
      expect(reused).toMatchObject({ status: "SUCCESS", reused_from: id, outputs: { result: 20 } });
      const grandchild = await again(child.run.id, { from: "steps", steps: ["last"] });
      expect(grandchild.run).toMatchObject({ status: "SUCCESS", parent_run_id: child.run.id, root_run_id: id });
      expect(executed(grandchild)).toEqual(["last"]);
    });

    test("A26: a step of a plan, an item beside its generator, and a key that was not yielded are refused by name", async () => {
      const runs = async () => (await cluster().client.runs.list({ job: "again" })).items.length;
      const before = await runs();
      const selections: [string[], string][] = [
        [["fragile[?]"], "fragile[?]"],
        [["source", "fragile[1]"], "fragile[1]"],
        [["fragile[9]"], "fragile[9]"],
      ];
      for (const [steps, named] of selections)
        await expect(again(whole.run.id, { from: "steps", steps })).rejects.toMatchObject({
          status: 422,
          code: "INVALID_SELECTION",
          message: expect.stringContaining(named),
        });
      expect(await runs()).toBe(before);
    });

    test("A27, B12: from failure with a corrected config, only the child that failed and what waited for it runs", async () => {
      const failed = await run("again", { fails: true });
      expect(failed.run.status).toBe("FAILURE");
      expect(ends(failed)).toMatchObject({
        "fragile[1]": "FAILURE",
        total: "UPSTREAM_FAILED",
        last: "UPSTREAM_FAILED",
      });
      expect(executed(failed)).toEqual(["fragile[0]", "fragile[1]", "fragile[2]", "source"]);
      const mended = await again(failed.run.id, { from: "failure", config: { fails: false } });
      expect(mended.run.status).toBe("SUCCESS");
      expect(executed(mended)).toEqual(["fragile[1]", "last", "total"]);
      expect(await output(mended, "last")).toBe(31);
    });

    test("A27: from the start all runs, and the branch whose output does not come is skipped again", async () => {
      const child = await again(whole.run.id, { from: "start" });
      expect(child.run.status).toBe("SUCCESS");
      expect(executed(child)).toEqual(executed(whole));
      expect(child.events.filter(({ type }) => type === "STEP_SKIPPED").map(({ step }) => step)).toEqual(["optional"]);
      const { steps } = child;
      expect(steps.every(({ reused_from }) => reused_from === null)).toBe(true);
    });
  });
});
