import type { WorkerLanes } from "./lanes";
import { Rows } from "./rows";

/** Workers, and the lanes of those that are open. */
export const workerRows = (workers: readonly WorkerLanes[], open: ReadonlySet<string>): Rows => {
  const rows = new Rows();
  let lanes = 0;
  workers.forEach((worker, place) => {
    rows.add("worker", place);
    if (open.has(worker.worker))
      for (let lane = 0; lane < worker.lanes.length; lane++) rows.add("lane", lanes + lane, 1);
    lanes += worker.lanes.length;
  });
  return rows;
};
