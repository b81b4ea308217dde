import { idleByCause, lanesOf } from "../../ui/pages/run/timeline/draw/lanes";
import { nowOf } from "../../ui/pages/run/steps/past-state";
import { Steps } from "../../ui/pages/run/steps/steps";
import { at, fanOut, GRAPH, ORIGIN, put } from "./steps-rig";

const lanes = (steps: Steps) =>
  lanesOf(steps, nowOf(steps, 9_000)).map(({ worker, lanes: all }) => [
    worker,
    all.map(({ slot, stays }) => [slot, stays.map(({ step }) => steps.keys[step])]),
  ]);

test("a lane is a slot: the second of the tenth process stands behind both of the second", () => {
  const steps = new Steps(ORIGIN, GRAPH);
  const slots = ["10.2", "2.2", "2.1", "2.2"];
  slots.forEach((slot, i) => put(steps, `work[${i}]`, { slot, times: [0, 0, i * 1_000, i * 1_000 + 900] }));
  steps.remember(0, { queued: 0, started: 0, ended: 10, worker: "w1", slot: "2.1", outcome: "FAILURE", error: null });
  expect(lanes(steps)).toEqual([
    [
      "w1",
      [
        ["2.1", ["work[0]", "work[2]"]],
        ["2.2", ["work[1]", "work[3]"]],
        ["10.2", ["work[0]"]],
      ],
    ],
  ]);
});

test("a slot of which an event tells is a lane, too", () => {
  const steps = new Steps(ORIGIN, GRAPH);
  const start = { worker: "w1", slot: "1.3", attempt: 1 };
  steps.hear({ seq: 1, type: "STEP_QUEUED", step: "gen", at: at(0), data: null });
  steps.hear({ seq: 2, type: "STEP_START", step: "gen", at: at(10), data: start });
  expect(lanes(steps)).toEqual([["w1", [["1.3", ["gen"]]]]]);
  steps.hear({ seq: 3, type: "STEP_LOST", step: "gen", at: at(20), data: { lost: 1 } });
  expect(lanes(steps)).toEqual([["w1", [["1.3", ["gen"]]]]]);
});

test("tries of which the slot was not told are laid into as few lanes as hold them, behind the others", () => {
  const steps = fanOut(6);
  put(steps, "work[5]", { worker: "w0", times: [1_000, 1_000, 3_500, 4_500] });
  put(steps, "gen", { worker: "w0", slot: "1.1", times: [0, 0, 0, 5_000] });
  const told = lanesOf(steps, nowOf(steps, 9_000)).map(({ worker, lanes: all }) => [
    worker,
    all.map(({ slot, stays }) => [slot, stays.length]),
  ]);
  expect(told).toEqual([
    [
      "w0",
      [
        ["1.1", 1],
        [null, 3],
        [null, 1],
      ],
    ],
    ["w1", [[null, 2]]],
  ]);
});

test("idle time of lanes is told by its cause: a loss, a take-over, a gap, no step that is left", () => {
  const steps = new Steps(ORIGIN, GRAPH);
  put(steps, "work[0]", { worker: "w0", times: [0, 0, 0, 1_000] });
  put(steps, "work[1]", { worker: "w0", times: [0, 0, 1_500, 2_000] });
  put(steps, "work[2]", { worker: "w0", times: [0, 0, 3_000, 4_000] });
  put(steps, "work[3]", { worker: "w1", times: [0, 0, 4_200, 5_000] });
  steps.remember(3, { queued: 0, started: 100, ended: 600, worker: "w2", slot: null, outcome: "LOST", error: null });
  steps.takeovers = [{ at: 2_500, owner: "c2" }];
  const moment = nowOf(steps, 5_000);
  const idle = idleByCause(lanesOf(steps, moment), steps, moment);
  expect(idle).toEqual({ loss: 4_400, takeover: 1_000, gap: 500, done: 1_000 });
});
