import type { WorkerLanes } from "./lanes";
import { Rows } from "./rows";
import type { RowOptions } from "./timed-rows";

/** Workers, and the lanes of those that are open. */
export const workerRows = (
  workers: readonly WorkerLanes[],
  { open, stacked }: Pick<RowOptions, "open" | "stacked">,
): Rows => {
  const rows = new Rows(stacked);
  let lanes = 0;
  workers.forEach((worker, place) => {
    rows.add("worker", place);
    if (open.has(worker.worker))
      for (let lane = 0; lane < worker.lanes.length; lane++) rows.add("lane", lanes + lane, 1);
    lanes += worker.lanes.length;
  });
  return rows;
};
