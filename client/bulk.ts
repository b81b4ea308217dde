import type { Http } from "./http";
import { Patience, pause } from "./patience";
import { RUN_STATUSES, type RunFilter } from "./run-lists";
import type { FollowOptions } from "./follow-run";
import type { RunStatus } from "./types";

/** What can be done to all runs of a filter. `failure`: to those with status FAILURE alone. */
export type BulkAct = { verb: "cancel" | "delete" } | { verb: "reexecute"; from: "failure" | "start" };

/** What is to be done to all runs of a filter that it can be done to. */
export type BulkOptions = BulkAct & {
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

const ENDED: readonly RunStatus[] = ["SUCCESS", "FAILURE", "CANCELED"];

const isFor = (act: BulkAct, status: RunStatus): boolean => {
  if (act.verb === "cancel") return !ENDED.includes(status) && status !== "CANCELING";
  return act.verb === "reexecute" && act.from === "failure" ? status === "FAILURE" : ENDED.includes(status);
};

/** The statuses of a filter's runs that it can be done to: `count` is of those. */
export const bulkStatuses = (act: BulkAct, { status = [] }: RunFilter = {}): RunStatus[] => {
  const given: readonly string[] = [status].flat();
  const any = given.filter((one) => !one.startsWith("-"));
  return RUN_STATUSES.filter(
    (one) => isFor(act, one) && (any.length === 0 || any.includes(one)) && !given.includes(`-${one}`),
  );
};

const ASK_MS = 500;

/** The action as it is now and then, at last as it has ended. A server that restarts is waited for. */
export async function* followBulk(
  http: Http,
  id: string,
  { signal, patienceMs }: FollowOptions = {},
): AsyncGenerator<BulkAction, void, undefined> {
  const patience = new Patience(patienceMs);
  for (; !signal?.aborted; await pause(ASK_MS, signal)) {
    try {
      const action: BulkAction = await http.get(`/runs/bulk/${encodeURIComponent(id)}`, {}, signal);
      patience.heard();
      yield action;
      if (action.status !== "RUNNING") return;
    } catch (error) {
      if (signal?.aborted) return;
      patience.bear(error);
    }
  }
}
