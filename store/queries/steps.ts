import type { StepError } from "../../core/errors";
import type { Json } from "../../core/json";
import type { StoredValue } from "../../core/messages";
import type { SkipReason, StepStatus } from "../../core/status";
import type { Queryable } from "../database";
import { type Page, type PageRequest, pageOf, readCursor } from "./paging";
import { withTimes } from "./runs";

/** A step as lists show it: without outputs and the error's stack. A step that is not ready yet has no row. */
export interface StepSummary {
  /** Step key, e.g. `process_task[3]`. */
  key: string;
  node: string;
  path: string[];
  status: Exclude<StepStatus, "PENDING">;
  attempt: number;
  /** How often it was lost while it ran. */
  lost: number;
  worker: string | null;
  queue: string;
  priority: number;
  ready_at: string | null;
  queued_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  retry_at: string | null;
  skip_reason: SkipReason | null;
  error: { name: string; message: string; code?: string } | null;
  /** A generator's number of items once it has succeeded. */
  items: number | null;
  reused_from: string | null;
}

/** A step's row in full, its outputs as they are stored. */
export interface StepRow extends Omit<StepSummary, "error"> {
  error: Json;
  outputs: Record<string, StoredValue> | null;
}

const COLUMNS =
  `step as key, node, path, status, attempt, lost, worker, queue, priority, ready_at, queued_at, started_at, ` +
  `ended_at, retry_at, skip_reason, items, reused_from`;

export interface StepFilter {
  run: string;
  status?: StepStatus[];
  node?: string;
}

/** In the order of their keys. By the partition's primary key. */
export const listSteps = async (
  db: Queryable,
  filter: StepFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StepSummary>> => {
  const after = readCursor(cursor, filter, ["text"]);
  const { rows } = await db.query<{ key: string; error: StepError | null }>(
    `select ${COLUMNS}, error
     from steps
     where run_id = $1
       and ($2::text[] is null or status = any($2))
       and ($3::text is null or node = $3)
       and ($4::text is null or step > $4 collate "C")
     order by step
     limit $5`,
    [filter.run, filter.status ?? null, filter.node ?? null, after?.[0] ?? null, limit + 1],
  );
  return pageOf(
    rows,
    limit,
    filter,
    (row) => [row.key],
    (row) => withTimes<StepSummary>(row),
  );
};

/** null: the run has no row of this step. */
export const getStep = async (db: Queryable, run: string, key: string): Promise<StepRow | null> => {
  const { rows } = await db.query(`select ${COLUMNS}, error, outputs from steps where run_id = $1 and step = $2`, [
    run,
    key,
  ]);
  return rows[0] ? withTimes<StepRow>(rows[0]) : null;
};

export interface ItemRow {
  key: string;
  ordinal: number;
  value: StoredValue;
}

/** A generator's items in the order in which they were committed. */
export const listItems = async (
  db: Queryable,
  filter: { run: string; step: string },
  { limit, cursor }: PageRequest,
): Promise<Page<ItemRow>> => {
  const after = readCursor(cursor, filter, ["integer"]);
  const { rows } = await db.query<{ key: string; ordinal: number; value: StoredValue }>(
    `select key, ordinal, value from items
     where run_id = $1 and step = $2 and ordinal > $3
     order by ordinal
     limit $4`,
    [filter.run, filter.step, after?.[0] ?? -1, limit + 1],
  );
  return pageOf(
    rows,
    limit,
    filter,
    (row) => [row.ordinal],
    (row) => row,
  );
};
