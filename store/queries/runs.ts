import type { Json, JsonObject } from "../../core/json";
import type { RunFailureReason, RunStatus } from "../../core/status";
import type { Queryable } from "../database";

/** A run as lists show it: without config and error. */
export interface RunSummary {
  id: string;
  job: string;
  status: RunStatus;
  priority: number;
  tags: Record<string, string>;
  run_key: string | null;
  parent_run_id: string | null;
  root_run_id: string | null;
  code_version: string;
  created_at: string;
  admitted_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  cancel_requested_at: string | null;
  failure_reason: RunFailureReason | null;
  /** Number of its last event. */
  seq: number;
  steps_succeeded: number;
  steps_failed: number;
  /** Instances known by now; a generator that runs adds to them. 0 while the run is queued. */
  steps_total: number;
}

export interface RunDetail extends RunSummary {
  config: JsonObject;
  graph_id: string;
  /** Of a re-execution of chosen steps: what of it runs. */
  selection: Json;
  error: Json;
}

export const SUMMARY_COLUMNS = [
  "id job status priority tags run_key parent_run_id root_run_id code_version created_at admitted_at started_at",
  "ended_at cancel_requested_at failure_reason seq steps_succeeded steps_failed steps_total",
]
  .join(" ")
  .split(" ")
  .join(", ");

/** Times of a row as RFC 3339. */
export const withTimes = <T>(row: object): T => {
  const item: Record<string, unknown> = { ...row };
  for (const [key, value] of Object.entries(item)) if (value instanceof Date) item[key] = value.toISOString();
  return item as T;
};

/** null: there is no such run. By runs_pkey. */
export const getRun = async (db: Queryable, id: string): Promise<RunDetail | null> => {
  const { rows } = await db.query(
    `select ${SUMMARY_COLUMNS}, config, graph_id, selection, error from runs where id = $1`,
    [id],
  );
  return rows[0] ? withTimes<RunDetail>(rows[0]) : null;
};
