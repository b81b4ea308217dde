import type { RunFilter } from "./run-lists";

/** What is to be done to all runs of a filter that it can be done to. */
export type BulkOptions = (
  | { verb: "cancel" | "delete" }
  /** `failure`: runs with status FAILURE alone. */
  | { verb: "reexecute"; from: "failure" | "start" }
) & {
  filter: RunFilter;
  /** How many runs that was when it was confirmed. */
  count: number;
};

/** How far an action on all runs of a filter is. */
export interface BulkAction {
  /** The tag `dqueue/bulk` of runs that it canceled or created. */
  id: string;
  verb: "cancel" | "reexecute" | "delete";
  from: "failure" | "start" | null;
  status: "RUNNING" | "DONE" | "STOPPED";
  /** Runs of the filter that it was for when it began. */
  total: number;
  done: number;
  /** Runs that were left as they are; those that had left the filter count as neither. */
  refused: number;
  /** The first 100 of them, with reasons. */
  refusals: { run_id: string; code: string; detail: string }[];
  created_at: string;
  ended_at: string | null;
}
