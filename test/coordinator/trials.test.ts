import { Trials } from "../../coordinator/trials";
import type { Run, Step } from "../../core/run";
import { op } from "../core/graphs";

const RUN = {} as Run;

/** A step as the run's actor has it, of which nothing but these fields matters here. */
const lostTwice = (key: string, { lost = 2, queue = "default" } = {}): Step =>
  ({
    key,
    node: { spec: op(key, { queue }) },
    lost,
    ready: true,
    dispatched: false,
    status: "QUEUED",
  }) as unknown as Step;

let trials: Trials;
beforeEach(() => (trials = new Trials()));

const keep = (step: Step): boolean => {
  trials.doubt(step);
  return trials.keeps(0, RUN, step);
};
const due = (now = 0): string[] => [...trials.due(now)].map(({ step }) => step.key);
const dispatch = (step: Step): void => void Object.assign(step, { ready: false, dispatched: true });

test("of steps that two workers died with, one goes at a time", () => {
  const [a, b] = [lostTwice("a"), lostTwice("b")];
  expect([keep(a), keep(b)]).toEqual([true, true]);
  expect(due()).toEqual(["a"]);
  expect(due()).toEqual([]);
  dispatch(a);
  expect(due()).toEqual([]);
  a.dispatched = false; // It has ended.
  expect(due()).toEqual(["b"]);
});

test("one that runs for ten seconds does not kill its worker at once: the next may go", () => {
  const [a, b] = [lostTwice("a"), lostTwice("b")];
  keep(a);
  keep(b);
  due();
  dispatch(a);
  a.status = "STARTED";
  expect(due(1_000)).toEqual([]);
  expect(due(10_999)).toEqual([]);
  expect(due(11_000)).toEqual(["b"]);
});

test("the one on trial does not wait for itself when it is tried again", () => {
  const [a, b] = [lostTwice("a"), lostTwice("b")];
  keep(a);
  keep(b);
  due();
  keep(a); // Released, and ready once more.
  expect(due()).toEqual(["a"]);
});

test("queues do not wait for each other, and what was canceled is not waited for", () => {
  const [a, b, slow] = [lostTwice("a"), lostTwice("b"), lostTwice("slow", { queue: "slow" })];
  for (const step of [a, b, slow]) keep(step);
  expect(due()).toEqual(["a", "slow"]);
  a.ready = false;
  b.ready = false;
  expect(due()).toEqual([]);
});

test("a step that was lost once, or in its own process only, is not kept", () => {
  expect(keep(lostTwice("once", { lost: 1 }))).toBe(false);
  expect(trials.keeps(0, RUN, lostTwice("by itself"))).toBe(false);
});

test("a shard that is given up takes what waits of it along", () => {
  const [a, b] = [lostTwice("a"), lostTwice("b")];
  keep(a);
  keep(b);
  due();
  dispatch(a);
  trials.forgetShard(0);
  expect(due()).toEqual([]);
  const c = lostTwice("c");
  keep(c);
  expect(due()).toEqual(["c"]);
});
