import { durationsOf } from "../../ui/pages/run/steps/figures";
import { factsOf, nowOf, pastOf } from "../../ui/pages/run/steps/past-state";
import { Steps } from "../../ui/pages/run/steps/steps";
import { paceOf } from "../../ui/pages/run/header/pace";
import { keyParts, shortKey } from "../../ui/parts/key-parts";
import { layLater } from "../../ui/pages/run/timeline/draw/bars";
import { lanesOf } from "../../ui/pages/run/timeline/draw/lanes";
import { Rects } from "../../ui/pages/run/timeline/draw/rects";
import { byNotable, remarkOf } from "../../ui/pages/run/timeline/draw/remarks";
import { Scale, wholeOf } from "../../ui/pages/run/timeline/draw/scale";
import { at, fanOut, GRAPH, ORIGIN, put } from "./steps-rig";

test("of a moment of the past nothing is told that had not happened: no later try, worker or error", () => {
  const steps = new Steps(ORIGIN, GRAPH);
  const error = { name: "Error", message: "503" };
  put(steps, "work[0]", { attempt: 2, worker: "w2", times: [0, 4_000, 5_000, 6_000] });
  steps.remember(0, { queued: 100, started: 1_000, ended: 2_000, worker: "w1", slot: null, outcome: "FAILURE", error });
  const told = (moment: number) => factsOf(steps, 0, pastOf(steps, moment));
  expect(told(500)).toMatchObject({ attempt: 1, worker: null, error: null, started: NaN, took: NaN });
  expect(told(1_500)).toMatchObject({ attempt: 1, worker: "w1", error: null, started: 1_000, took: 500 });
  expect(told(3_000)).toMatchObject({ attempt: 2, worker: null, error, ended: NaN });
  expect(told(5_500)).toMatchObject({ attempt: 2, worker: "w2", error: null, took: 500, ended: NaN });
  expect(told(7_000)).toMatchObject({ attempt: 2, worker: "w2", error: null, took: 1_000, ended: 6_000 });
});

test("the chart of a run that goes on grows with it, and stands still while the guess of its end wavers", () => {
  const whole = (end: number, before: number): number => wholeOf(end, false, before).to;
  const first = whole(60_000, 1);
  expect(first).toBeGreaterThan(60_000);
  for (const end of [62_000, 58_000, 61_000, 55_000]) expect(whole(end, first)).toBe(first);
  expect(whole(first, first)).toBeGreaterThan(first);
  expect(whole(10_000, first)).toBeLessThan(first / 2);
  expect(wholeOf(10_000, true, first).to).toBeCloseTo(11_200);
});

test("what ran after a moment of the past is outlined, each try for itself, and what ran then from there on", () => {
  const steps = new Steps(ORIGIN, GRAPH);
  put(steps, "work[0]", { attempt: 2, times: [0, 4_000, 5_000, 6_000] });
  steps.remember(0, {
    queued: 0,
    started: 1_000,
    ended: 3_000,
    worker: "w1",
    slot: null,
    outcome: "FAILURE",
    error: null,
  });
  const outlined = (moment: number) => {
    const rects = new Rects();
    const end = layLater({ rects, scale: new Scale({ from: 0, to: 10_000 }, 1_000), y: 13 }, steps, 0, moment);
    return [Array.from({ length: rects.count }, (_, i) => [rects.x[i], rects.w[i]]), end];
  };
  expect(outlined(0)).toEqual([
    [
      [100, 200],
      [500, 100],
    ],
    600,
  ]);
  expect(outlined(2_000)).toEqual([
    [
      [200, 100],
      [500, 100],
    ],
    600,
  ]);
  expect(outlined(6_500)).toEqual([[], NaN]);
});

test("of a worker the one thing worth knowing is told, and the worst stand first", () => {
  const steps = new Steps(ORIGIN, GRAPH);
  for (let i = 0; i < 30; i++) put(steps, `work[${i}]`, { worker: "a", times: [0, 0, 0, 1_000] });
  for (const [i, worker] of ["late", "draining", "other", "back"].entries())
    put(steps, `work[${30 + i}]`, { status: "STARTED", worker, times: [0, 0, i === 0 ? 1_000 : 8_900] });
  put(steps, "work[40]", { worker: "a", times: [0, 0, 6_000, 7_000] });
  const lost = { queued: 0, ended: 5_000, slot: null, outcome: "LOST", error: null } as const;
  steps.remember(34, { ...lost, started: 2_000, worker: "gone" });
  steps.remember(34, { ...lost, started: 2_000, ended: 4_000, worker: "back" });
  const moment = nowOf(steps, 9_000);
  const beat = (id: string, more = {}) => [id, { id, code_version: "v1", draining: false, ...more }] as const;
  const present = new Map([
    ...["a", "late", "back"].map((id) => beat(id)),
    beat("draining", { draining: true, draining_since: at(3_000) }),
    beat("other", { code_version: "0123456789" }),
  ]) as never;
  const durations = () => durationsOf(steps, steps.members[1]!, moment);
  const told = (known: { present: never | null }) =>
    lanesOf(steps, moment)
      .map((worker) => ({
        ...worker,
        remark: remarkOf(worker, { steps, moment, durations, codeVersion: "v1", ...known }),
      }))
      .sort(byNotable)
      .map(({ worker, remark }) => [worker, remark?.text]);
  expect(told({ present })).toEqual([
    ["back", "lost 1\u00a0step"],
    ["gone", "gone since 00:05.0, lost 1\u00a0step"],
    ["draining", "draining since 00:03"],
    ["late", "[30] past p99, 8.00\u00a0s"],
    ["other", "other code 0123456"],
    ["a", undefined],
  ]);
  // Of what has ended, workers that are no more tell nothing.
  expect(told({ present: null }).slice(0, 3)).toEqual([
    ["back", "lost 1\u00a0step"],
    ["gone", "lost at 00:05.0, lost 1\u00a0step"],
    ["late", "[30] past p99, 8.00\u00a0s"],
  ]);
});

test("the pace of a run is that of its last ten seconds, its course that of all its time", () => {
  const steps = fanOut(40);
  const { perSecond, course } = paceOf(steps, ORIGIN, ORIGIN + 24_000);
  // Two end each second, up to 21 s.
  expect(perSecond).toBeCloseTo(1.4);
  expect(course).toEqual([0, 1, ...new Array<number>(20).fill(2), 0, 0]);
  expect(paceOf(steps, ORIGIN, ORIGIN).perSecond).toBe(0);
});

test("a key is its op's name and the item that tells the step from its siblings", () => {
  expect([keyParts("work[3][a]"), keyParts("sum")]).toEqual([
    { name: "work", item: "[3][a]" },
    { name: "sum", item: "" },
  ]);
  expect(["work[318]", "sum"].map(shortKey)).toEqual(["[318]", "sum"]);
});
