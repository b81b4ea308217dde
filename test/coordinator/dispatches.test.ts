import { Dispatches, newDispatch } from "../../coordinator/dispatches";
import type { Run, Step } from "../../core/run";

const dispatchOf = (step: Step, restored: boolean) => {
  const bundle = { queue: "default", priority: 0, open: 0 };
  const { queue, priority } = bundle;
  return newDispatch({ shard: 0, run: {} as Run, step, fence: 7, queue, priority, bundle, sentAt: 0, restored });
};

test("what is said of a dispatch after its shard was dropped does not touch the one that was restored under its fence", () => {
  const out = new Dispatches();
  const [before, since] = [{} as Step, {} as Step];
  const dropped = dispatchOf(before, false);
  out.add(dropped);
  out.closeShard(0);
  const restored = dispatchOf(since, true);
  out.add(restored);

  out.close(dropped);
  out.closeStep(before, 7);
  expect(out.get(7)).toBe(restored);
  expect(out.deliveriesOut("default")).toBe(1);

  out.closeStep(since, 7);
  expect(out.get(7)).toBeUndefined();
  expect(out.deliveriesOut("default")).toBe(0);
});
