import type { WorkerLanes } from "./lanes";
import { Rows } from "./rows";

/** Lanes of an open worker that are shown; the others are counted. */
const MOST_LANES = 32;

/** Workers, and the lanes of those that are open. */
export const workerRows = (workers: readonly WorkerLanes[], open: ReadonlySet<string>): Rows => {
  const rows = new Rows();
  let lanes = 0;
  workers.forEach((worker, place) => {
    rows.add("worker", place);
    if (open.has(worker.worker))
      for (let lane = 0; lane < Math.min(MOST_LANES, worker.lanes.length); lane++) rows.add("lane", lanes + lane, lane);
    lanes += worker.lanes.length;
  });
  return rows;
};
