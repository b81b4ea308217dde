import { Backlog } from "../../coordinator/backlog";
import type { Run, Step } from "../../core/run";

const runOf = (id: string): Run => ({ record: { id } }) as Run;
const stepOf = (key: string): Step => ({ key, ready: true }) as Step;

/** A backlog of one queue, priority and shard. Steps are pushed and taken by name: "b2" is a step of run b. */
const lane = () => {
  const backlog = new Backlog();
  const runs = new Map(["a", "b", "c"].map((id) => [id, runOf(id)]));
  const push = (...keys: string[]): void => {
    for (const key of keys) backlog.push(0, "default", 5, { run: runs.get(key[0]!)!, step: stepOf(key) });
  };
  const take = (count: number, ms: number): string[] =>
    Array.from({ length: count }, () => {
      const { lane } = backlog.next("default")!;
      const waiting = lane.peek()!;
      lane.take(waiting, ms);
      return waiting.step.key;
    });
  return { backlog, push, take };
};

test("short steps of the older run come first, also those that become ready later", () => {
  const { push, take } = lane();
  push("b1", "b2", "a1", "a2", "c1");
  expect(take(3, 1)).toEqual(["a1", "a2", "b1"]);
  push("a3");
  expect(take(3, 1)).toEqual(["a3", "b2", "c1"]);
});

test("a run that has had its turn waits for the others, however many steps it has", () => {
  const { push, take } = lane();
  push("a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1");
  expect(take(8, 25)).toEqual(["a1", "a2", "b1", "b2", "c1", "a3", "a4", "a5"]);
});

test("steps of which nobody knows how long they take are taken from each run in turn", () => {
  const { push, take } = lane();
  push("a1", "a2", "a3", "b1", "b2");
  expect(take(5, Infinity)).toEqual(["a1", "b1", "a2", "b2", "a3"]);
});

test("a run that comes later does not wait for the rounds that others have had, nor they for it", () => {
  const { push, take } = lane();
  push("a1", "a2", "a3", "a4");
  expect(take(2, Infinity)).toEqual(["a1", "a2"]);
  push("b1", "b2", "b3");
  expect(take(5, Infinity)).toEqual(["a3", "b1", "a4", "b2", "b3"]);
});

test("what has stopped being ready is passed over", () => {
  const { backlog, push, take } = lane();
  const step = stepOf("a1");
  backlog.push(0, "default", 5, { run: runOf("a"), step });
  push("b1");
  (step as { ready: boolean }).ready = false;
  expect(take(1, 1)).toEqual(["b1"]);
  expect(backlog.next("default")).toBeNull();
  expect(backlog.size("default")).toBe(0);
});
