import { collect, from, generator, item, job, op } from "./graphs";
import { given } from "./performance";
import { failed, fails, started, succeeded, yielded, yields } from "./reports";

describe("nested maps (A23)", () => {
  const nested = job(
    generator("g"),
    generator("h", { over: ["g"], in: [item("g")] }),
    op("m", { over: ["g", "h"], in: [item("h"), item("g")] }),
    op("inner", { over: ["g"], in: [collect("m")] }),
    op("outer", { in: [collect("inner")] }),
  );

  test("have a key of each generator, and are collected level by level", () => {
    const run = given(nested)
      .admit()
      .play({ g: yields("a", "b"), "h[a]": yields("1", "2"), "h[b]": yields() });
    expect(run.statuses).toEqual({
      ...{ g: "SUCCESS", "h[a]": "SUCCESS", "h[b]": "SUCCESS", "m[a][1]": "SUCCESS", "m[a][2]": "SUCCESS" },
      ...{ "inner[a]": "SUCCESS", "inner[b]": "SUCCESS", outer: "SUCCESS" },
    });
    expect(run.steps.get("m[a][1]")).toMatchObject({ path: ["a", "1"], node: "m" });
  });

  test("skip all below a generator that failed, under inner generators too", () => {
    const run = given(nested).admit();
    run.perform("g", started(), yielded("a"), yielded("b"), yielded("c"));
    run.perform("h[a]", started(), yielded("1"), yielded("2"));
    run.perform("m[a][1]", started());
    run.perform("h[b]", ...yields()());
    run.report("g", failed());
    expect(run.statuses).toEqual({
      ...{ g: "FAILURE", outer: "UPSTREAM_FAILED", "h[a]": "STARTED", "h[b]": "SUCCESS", "h[c]": "UPSTREAM_FAILED" },
      ...{ "m[a][1]": "STARTED", "m[a][2]": "UPSTREAM_FAILED" },
      ...{ "inner[a]": "UPSTREAM_FAILED", "inner[b]": "UPSTREAM_FAILED", "inner[c]": "UPSTREAM_FAILED" },
    });
    // An inner generator that goes on makes children that never start.
    run.report("h[a]", yielded("3"));
    run.report("h[a]", succeeded([], { items: 3 }));
    run.report("m[a][1]", succeeded());
    expect(run.statuses).toMatchObject({ "m[a][3]": "UPSTREAM_FAILED", "h[a]": "SUCCESS" });
    expect(run.row.status).toBe("FAILURE");
  });

  test("feed a step outside of the inner map to all of its children", () => {
    const graph = job(
      generator("g"),
      op("late"),
      generator("h", { over: ["g"] }),
      op("m", { over: ["g", "h"], in: [item("h"), from("late")] }),
    );
    const run = given(graph).admit();
    run.perform("g", ...yields("a", "b")());
    run.perform("h[a]", ...yields("1")());
    run.perform("h[b]", ...yields("2")());
    expect(run.readyKeys()).toEqual(["late"]);
    run.perform("late");
    expect(run.readyKeys()).toEqual(["m[a][1]", "m[b][2]"]);
  });

  test("may fail within: only the branch of that key is skipped", () => {
    const run = given(nested)
      .admit()
      .play({ g: yields("a", "b"), "h[a]": fails(), "h[b]": yields("1") });
    expect(run.statuses).toEqual({
      ...{ g: "SUCCESS", "h[a]": "FAILURE", "h[b]": "SUCCESS", "m[b][1]": "SUCCESS" },
      ...{ "inner[a]": "UPSTREAM_FAILED", "inner[b]": "SUCCESS", outer: "UPSTREAM_FAILED" },
    });
  });

  test("may skip a child as it unfolds, before those that read it are there", () => {
    const graph = job(
      op("gate", { out: ["result", "x?"] }),
      generator("g", { in: [from("gate")] }),
      op("child", { over: ["g"], in: [from("gate:x")] }),
      op("next", { over: ["g"], in: [from("child")] }),
      generator("h", { over: ["g"], in: [item("g")] }),
      op("m", { over: ["g", "h"], in: [item("h"), from("child")] }),
    );
    const run = given(graph)
      .admit()
      .play({ gate: () => [succeeded(["result"])], g: yields("a"), "h[a]": yields("1") });
    expect(run.statuses).toMatchObject({
      "child[a]": "NO_OUTPUT",
      "next[a]": "NO_OUTPUT",
      "h[a]": "SUCCESS",
      "m[a][1]": "NO_OUTPUT",
    });
  });
});
