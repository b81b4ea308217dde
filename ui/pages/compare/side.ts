import type { Run, Timeline, TimelineTable } from "../../../client";

/** One of the two runs, with all that is compared of it. */
export interface Side {
  run: Run;
  timeline: Timeline;
  /** Steps one by one; of large ops those that stand out. */
  steps: TimelineTable["steps"];
}
