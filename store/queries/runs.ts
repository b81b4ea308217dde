import type { Json, JsonObject } from "../../core/json";
import { type RunFailureReason, runHasEnded, type RunStatus } from "../../core/status";
import type { Queryable } from "../database";
import { type Page, type PageRequest, pageOf, readCursor } from "./paging";

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

export interface RunFilter {
  status?: RunStatus[];
  job?: string;
  /** All of them. */
  tags?: Record<string, string>;
  parent_run_id?: string;
  /** RFC 3339; exclusive, both. */
  created_after?: string;
  created_before?: string;
}

export const SUMMARY_COLUMNS = [
  "id job status priority tags run_key parent_run_id root_run_id code_version created_at admitted_at started_at",
  "ended_at cancel_requested_at failure_reason seq steps_succeeded steps_failed steps_total",
]
  .join(" ")
  .split(" ")
  .join(", ");

type Row<T> = { [K in keyof T]: K extends `${string}_at` ? Date | null : T[K] };

/** Times of a row as RFC 3339. */
export const withTimes = <T>(row: object): T => {
  const item: Record<string, unknown> = { ...row };
  for (const [key, value] of Object.entries(item)) if (value instanceof Date) item[key] = value.toISOString();
  return item as T;
};

/** Newest first. By runs_newest or runs_by_job; with tags by runs_by_tag. */
export const listRuns = async (
  db: Queryable,
  filter: RunFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<RunSummary>> => {
  const after = readCursor(cursor, filter, ["integer", "uuid"]);
  const { rows } = await db.query<Row<RunSummary> & { created_us: number }>(
    `select ${SUMMARY_COLUMNS}, (extract(epoch from created_at) * 1000000)::bigint as created_us
     from runs
     where ($1::text[] is null or status = any($1))
       and ($2::text is null or job = $2)
       and ($3::jsonb is null or tags @> $3)
       and ($4::uuid is null or parent_run_id = $4)
       and ($5::timestamptz is null or created_at > $5)
       and ($6::timestamptz is null or created_at < $6)
       and ($7::bigint is null
            or (created_at, id) < (timestamptz 'epoch' + $7 * interval '1 microsecond', $8::uuid))
       and ($10::boolean is null or (ended_at is null) = $10)
     order by created_at desc, id desc
     limit $9`,
    [
      filter.status ?? null,
      filter.job ?? null,
      filter.tags ? JSON.stringify(filter.tags) : null,
      filter.parent_run_id ?? null,
      filter.created_after ?? null,
      filter.created_before ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit + 1,
      liveOnly(filter.status),
    ],
  );
  const positionOf = (row: { created_us: number; id: string }): [number, string] => [row.created_us, row.id];
  return pageOf(rows, limit, filter, positionOf, ({ created_us: _, ...row }) => withTimes<RunSummary>(row));
};

/** Lets the planner use the indexes of live or of ended runs; null: both are asked for. */
const liveOnly = (statuses: readonly RunStatus[] | undefined): boolean | null => {
  if (!statuses) return null;
  const ended = statuses.filter(runHasEnded).length;
  return ended === 0 ? true : ended === statuses.length ? false : null;
};

/** null: there is no such run. By runs_pkey. */
export const getRun = async (db: Queryable, id: string): Promise<RunDetail | null> => {
  const { rows } = await db.query(
    `select ${SUMMARY_COLUMNS}, config, graph_id, selection, error from runs where id = $1`,
    [id],
  );
  return rows[0] ? withTimes<RunDetail>(rows[0]) : null;
};
