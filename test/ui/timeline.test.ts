import { criticalPath, withRest } from "../../ui/pages/run/steps/critical-path";
import { forecastOf } from "../../ui/pages/run/steps/forecast";
import { outliersOf } from "../../ui/pages/run/steps/figures";
import { countsOf, nowOf, pastOf } from "../../ui/pages/run/steps/past-state";
import { CODE, STATUSES, Steps } from "../../ui/pages/run/steps/steps";
import { usageOf } from "../../ui/pages/run/steps/usage";
import { layStep } from "../../ui/pages/run/timeline/draw/bars";
import { densityOf, heightAt } from "../../ui/pages/run/timeline/draw/density";
import { KINDS, Rects } from "../../ui/pages/run/timeline/draw/rects";
import { Rows } from "../../ui/pages/run/timeline/draw/rows";
import { digitsOf, FOLD_PX, idleStretches, offsetText, Scale, ticksOf } from "../../ui/pages/run/timeline/draw/scale";
import { readStepFilter, writeStepFilter } from "../../ui/pages/run/steps/step-filter";
import { flatRows, timedRows } from "../../ui/pages/run/timeline/draw/timed-rows";
import { at, fanOut, GRAPH, ORIGIN, put } from "./steps-rig";

const event = (type: string, key: string, ms: number, data: object = {}) => ({
  ...{ seq: 1, at: at(ms), type, step: key, data: data as never },
});

describe("the steps of a run", () => {
  test("events take a step through its states, and each try that failed is kept", () => {
    const steps = new Steps(ORIGIN, GRAPH);
    steps.hear(event("STEP_QUEUED", "work[1]", 100, { attempt: 1 }));
    steps.hear(event("STEP_START", "work[1]", 200, { attempt: 1, worker: "w7" }));
    steps.hear(
      event("STEP_UP_FOR_RETRY", "work[1]", 700, {
        attempt: 2,
        retry_at: at(1_000),
        error: { name: "E", message: "m" },
      }),
    );
    expect([steps.statusOf(0), steps.retry[0]]).toEqual(["UP_FOR_RETRY", 1_000]);
    steps.hear(event("STEP_QUEUED", "work[1]", 1_000, { attempt: 2 }));
    steps.hear(event("STEP_RESTARTED", "work[1]", 1_100, { attempt: 2, worker: "w8" }));
    steps.hear(event("STEP_SUCCESS", "work[1]", 1_500));
    expect([steps.statusOf(0), steps.workerOf(0), steps.ended[0]]).toEqual(["SUCCESS", "w8", 1_500]);
    const error = { name: "E", message: "m" };
    expect(steps.past.get(0)).toEqual([
      { queued: 100, started: 200, ended: 700, worker: "w7", slot: null, outcome: "FAILURE", error },
    ]);
  });

  test("an event that the list knew already changes nothing", () => {
    const steps = fanOut(1);
    const { version } = steps;
    steps.hear(event("STEP_START", "work[0]", 1_000, { attempt: 1, worker: "late" }));
    expect([steps.version, steps.statusOf(1), steps.workerOf(1)]).toEqual([version, "SUCCESS", "w0"]);
  });

  test("a take-over is kept once, whoever tells of it", () => {
    const steps = fanOut(1);
    const change = { seq: 9, at: at(700), type: "RUN_OWNER_CHANGED", step: null, data: { owner: "c2" } };
    steps.hear(change);
    steps.hear(change);
    expect(steps.takeovers).toEqual([{ at: 700, owner: "c2" }]);
  });

  test("at a moment of the past each is what it was then", () => {
    const steps = fanOut(4);
    steps.remember(1, {
      queued: 1_000,
      started: 1_010,
      ended: 1_020,
      worker: "w9",
      slot: null,
      outcome: "FAILURE",
      error: null,
    });
    const words = (ms: number) => Array.from(pastOf(steps, ms).status, (code) => STATUSES[code]);
    expect(words(500)).toEqual(["STARTED", "PENDING", "PENDING", "PENDING", "PENDING"]);
    expect(words(1_500)).toEqual(["SUCCESS", "STARTED", "STARTED", "QUEUED", "QUEUED"]);
    expect(words(9_000)).toEqual(["SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS"]);
    expect(countsOf(steps, nowOf(steps, 9_000))[CODE.PENDING]).toBe(1);
  });

  test("what is to come is told by the usual times, the slots in use, and what it stands on", () => {
    const steps = fanOut(4);
    put(steps, "work[4]", { status: "STARTED", times: [1_000, 1_000, 3_000, null] });
    for (const key of ["work[5]", "work[6]"]) put(steps, key, { status: "QUEUED", times: [1_000, 1_000, null, null] });
    const { starts, ends, end } = forecastOf(steps, nowOf(steps, 3_500));
    // One runs until 5 s; two follow it, one after the other, from now on at the soonest.
    expect([...ends]).toEqual([1_000, 9_000, 9_500]);
    expect([starts[2], end]).toEqual([9_000, 9_500]);
    // Five that have ended tell more than the runs before.
    put(steps, "work[7]", { times: [1_000, 1_000, 2_000, 3_000] });
    expect(forecastOf(steps, nowOf(steps, 3_500)).ends[1]).toBe(6_000);
    expect(withRest(criticalPath(steps, nowOf(steps, 3_500)), { starts, ends, end }).at(-1)).toEqual({
      ...{ kind: "rest", step: null, from: 3_500, to: 9_500 },
    });
  });

  test("nothing is foretold behind a failure, or of an op that has never run", () => {
    const failed = fanOut(2);
    put(failed, "work[2]", { status: "FAILURE", times: [1_000, 1_000, 1_500, 2_000] });
    const { starts, end } = forecastOf(failed, nowOf(failed, 3_000));
    expect([[...starts], end]).toEqual([[NaN, NaN, NaN], 3_000]);
    const fresh = new Steps(ORIGIN, GRAPH);
    put(fresh, "gen", { status: "STARTED", times: [0, 0, 100, null] });
    expect(forecastOf(fresh, nowOf(fresh, 500)).end).toBe(500);
  });

  test("the critical path has no gaps, and says where it waited", () => {
    const steps = fanOut(4);
    put(steps, "sum", { times: [3_000, 3_000, 3_500, 4_000] });
    const path = criticalPath(steps, nowOf(steps, 4_000));
    expect(path.map(({ kind, step: of, from, to }) => [kind, steps.keys[of!], from, to])).toEqual([
      ["slot", "gen", 0, 100],
      ["ran", "gen", 100, 1_000],
      ["slot", "work[2]", 1_000, 2_000],
      ["ran", "work[2]", 2_000, 3_000],
      ["slot", "sum", 3_000, 3_500],
      ["ran", "sum", 3_500, 4_000],
    ]);
  });

  test("each wait of the critical path is named as what it was", () => {
    const steps = new Steps(ORIGIN, GRAPH);
    put(steps, "gen", { times: [5_000, 5_200, 5_300, 9_000], attempt: 2 });
    steps.remember(0, {
      queued: 5_200,
      started: 5_300,
      ended: 6_000,
      worker: "w9",
      slot: null,
      outcome: "FAILURE",
      error: null,
    });
    put(steps, "gen", { times: [5_000, 8_000, 8_100, 9_000], attempt: 2 });
    const path = criticalPath(steps, nowOf(steps, 9_000));
    expect(path.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ["admission", 0, 5_000],
      ["dispatch", 5_000, 5_200],
      ["slot", 5_200, 5_300],
      ["ran", 5_300, 6_000],
      ["retry", 6_000, 8_000],
      ["slot", 8_000, 8_100],
      ["ran", 8_100, 9_000],
    ]);
  });

  test("of a large group, failures come first, and no step twice", () => {
    const steps = fanOut(40);
    for (const i of [3, 5, 7, 9])
      put(steps, `work[${i}]`, { status: "FAILURE", times: [1_000, 1_000, 2_000, 50_000 + i] });
    const found = [...outliersOf(steps, steps.members[1]!, nowOf(steps, 60_000))];
    expect(found.map(([of, reason]) => [steps.keys[of], reason])).toEqual([
      ["work[9]", "failed"],
      ["work[7]", "failed"],
      ["work[5]", "failed"],
      ["work[0]", "slowest"],
      ["work[1]", "slowest"],
    ]);
  });
});

describe("the scale", () => {
  test("leads from time to pixels and back, also across a fold", () => {
    const scale = new Scale({ from: 0, to: 100_000 }, 1_034, [{ from: 10_000, to: 90_000 }]);
    expect([0, 10_000, 90_000, 100_000].map((ms) => scale.x(ms))).toEqual([0, 500, 500 + FOLD_PX, 1_034]);
    for (const ms of [0, 4_321, 10_000, 50_000, 95_000]) expect(scale.at(scale.x(ms))).toBeCloseTo(ms, 6);
  });

  test("has ticks at round times, none in a fold", () => {
    const scale = new Scale({ from: 0, to: 100_000 }, 700, [{ from: 11_000, to: 89_000 }]);
    expect(ticksOf(scale).map(({ at: ms }) => ms)).toEqual([0, 5_000, 10_000, 90_000, 95_000, 100_000]);
    expect(ticksOf(new Scale({ from: 0, to: 88_000 }, 700)).map(({ at: ms }) => offsetText(ms))[1]).toBe("00:10");
  });

  test("no two ticks read alike, also beside a fold", () => {
    for (const ms of [40, 900, 2_400, 30_000, 90 * 60_000]) {
      const scale = new Scale({ from: 0, to: ms }, 900, [{ from: ms * 0.05, to: ms * 0.6 }]);
      const ticks = ticksOf(scale);
      const texts = ticks.map(({ at }) => offsetText(at, digitsOf(ticks)));
      expect(new Set(texts).size).toBe(texts.length);
    }
    expect(offsetText(59_960, 1)).toBe("01:00.0");
  });

  test("what is idle for long can be folded, what is for short cannot", () => {
    const stays = [
      [0, 90, 5, 22],
      [10, 100, 20, 22],
    ] as const;
    const [fold, ...others] = idleStretches(...stays, { from: 0, to: 100 }, 0.3);
    expect(others).toEqual([]);
    expect([fold!.from, fold!.to]).toEqual([23.5, 88.5]);
  });
});

describe("the drawing", () => {
  const drawn = (steps: Steps, place: number, ms: number): [string, number, number][] => {
    const rects = new Rects();
    layStep({ rects, scale: new Scale({ from: 0, to: 10_000 }, 1_000), y: 13 }, steps, place, nowOf(steps, ms));
    return Array.from({ length: rects.count }, (_, i) => [KINDS[rects.kind[i]!]!, rects.x[i]!, rects.w[i]!]);
  };

  test("a step is a thin line while it waited and a bar while it ran, each try for itself", () => {
    const steps = fanOut(1);
    put(steps, "work[0]", { status: "FAILURE", attempt: 2, times: [500, 3_000, 4_000, 5_000] });
    steps.remember(1, {
      queued: 1_000,
      started: 1_500,
      ended: 2_000,
      worker: null,
      slot: null,
      outcome: "LOST",
      error: null,
    });
    expect(drawn(steps, 1, 9_000)).toEqual([
      ["held", 50, 50],
      ["wait", 100, 50],
      ["lost", 150, 50],
      ["held", 200, 100],
      ["wait", 300, 100],
      ["failure", 400, 100],
    ]);
  });

  test("what runs grows up to now, what is planned is dotted", () => {
    const steps = new Steps(ORIGIN, GRAPH);
    put(steps, "work[0]", { status: "STARTED", times: [1_000, 1_000, 2_000] });
    put(steps, "work[1]", { status: "UP_FOR_RETRY", attempt: 2, times: [1_000], retry: 6_000 });
    expect(drawn(steps, 0, 5_000).at(-1)).toEqual(["started", 200, 300]);
    expect(drawn(steps, 1, 5_000).at(-1)).toEqual(["planned", 100, 500]);
  });

  test("a strip is as high as slots were in use", () => {
    const steps = fanOut(4);
    const usage = usageOf(steps, steps.members[1]!, nowOf(steps, 4_000));
    const density = densityOf([usage], new Scale({ from: 0, to: 4_000 }, 12), 4_000);
    expect(Array.from({ length: 4 }, (_, column) => heightAt(density, column))).toEqual([0, 2, 2, 0]);
  });

  test("what waits for its next try uses no slot, although its row tells when the last one began", () => {
    const steps = new Steps(ORIGIN, GRAPH);
    put(steps, "work[0]", { status: "UP_FOR_RETRY", attempt: 2, times: [0, 0, 1_000], retry: 9_000 });
    const scale = new Scale({ from: 0, to: 4_000 }, 12);
    expect(densityOf([usageOf(steps, [0], nowOf(steps, 4_000))], scale, 4_000).most).toBe(0);
  });
});

describe("the rows", () => {
  const options = (f: string, open: string[] = []) => ({
    ...{ filter: readStepFilter(f), open: new Set(open), order: "key" as const, stacked: false },
  });
  const kinds = (steps: Steps, f: string, open?: string[]) => {
    const { rows } = timedRows(steps, nowOf(steps, 60_000), options(f, open));
    return Array.from({ length: rows.count }, (_, row) => rows.kind(row));
  };

  test("a group of twelve stands step by step, a larger one as one with its outliers", () => {
    expect(kinds(fanOut(12), "").filter((kind) => kind === "step")).toHaveLength(13);
    expect(kinds(fanOut(13), "")).toEqual(["step", "group", "section", "step", "step", "more", "node"]);
    expect(kinds(fanOut(13), "", ["work"])).toHaveLength(1 + 1 + 13 + 1);
  });

  test("open ones stand in the order of their keys, ten behind two", () => {
    const steps = fanOut(20);
    const { rows } = timedRows(steps, nowOf(steps, 60_000), options("work", ["work"]));
    expect([3, 4, 11].map((row) => steps.keys[rows.ref(row)])).toEqual(["work[2]", "work[3]", "work[10]"]);
  });

  test("a filter keeps what fits, by status and by text", () => {
    const steps = fanOut(20);
    put(steps, "work[4]", { status: "FAILURE", times: [0, 0, 1, 2] });
    expect(kinds(steps, "status:failure")).toEqual(["group", "step"]);
    expect(flatRows(steps, nowOf(steps, 60_000), options("w1")).count).toBe(12);
    expect(writeStepFilter(readStepFilter("fx status:failure,started"))).toBe("status:started,failure fx");
  });

  test("a row is found by its height, in a hundred thousand", () => {
    const rows = new Rows();
    for (let i = 0; i < 100_000; i++) rows.add(i % 100 === 0 ? "group" : "step", i);
    expect(rows.at(rows.top(77_777) + 3)).toBe(77_777);
    expect(rows.at(rows.total)).toBe(-1);
  });
});
