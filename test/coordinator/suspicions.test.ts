import { BusClock } from "../../coordinator/bus-clock";
import { Dispatches } from "../../coordinator/dispatches";
import type { Needs } from "../../coordinator/ports";
import { Suspicions } from "../../coordinator/suspicions";
import { systemClock } from "../../coordinator/system-clock";
import type { WorkerBeat } from "../../core/messages";

test("what a worker holds for nothing is to be revoked, but not what it has ended: its report was faster than its beat", () => {
  const suspicions = new Suspicions({} as Needs, new BusClock(systemClock), new Dispatches(), () => undefined);
  const hold = { shard: 1, run: "r", step: "a", begun: true };
  const holds: WorkerBeat["holds"] = [
    { ...hold, fence: 5 },
    { ...hold, fence: 6, ended: true },
    { ...hold, fence: 8 },
  ];
  const revoked = suspicions.heard({ worker: "w", holds } as WorkerBeat, () => 7);
  expect(revoked.map(({ fence }) => fence)).toEqual([5]);
});
