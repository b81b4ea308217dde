import type { StepError } from "../../core/errors";
import type { Json } from "../../core/json";
import type { StoredValue } from "../../core/messages";
import type { SkipReason, StepStatus } from "../../core/status";
import { inStepOrder } from "../../core/step-order";
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
  /** Of the worker's slots, as `process.slot`; null: it has none yet, or it was not told. */
  slot: string | null;
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
  `step as key, node, path, status, attempt, lost, worker, slot, queue, priority, ready_at, queued_at, started_at, ` +
  `ended_at, retry_at, skip_reason, items, reused_from`;

export interface StepFilter {
  run: string;
  status?: StepStatus[];
  node?: string;
}

/** Of so many steps all keys are read and ordered for each page; of more, pages follow the primary key. */
const MOST_ORDERED = 10_000;
/** Which order a cursor goes on in: a run may outgrow the first one between two pages. */
const [BY_NUMBER, BY_TEXT] = [0, 1];

/**
 * Steps by key, numbers by their value: `a[2]` before `a[10]`. A list of more than 10,000 steps is ordered by the text
 * of their keys, so that a page costs the same at any size.
 */
export const listSteps = async (
  db: Queryable,
  filter: StepFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StepSummary>> => {
  const [after = null, order = BY_NUMBER] = (readCursor(cursor, filter, ["text", "integer"]) ?? []) as [
    string?,
    number?,
  ];
  const keys = order === BY_TEXT ? null : await keysOf(db, filter, after === null);
  if (keys === null) {
    const rows = await rowsBehind(db, filter, after, limit + 1);
    return pageOf(rows, limit, filter, ({ key }) => [key, BY_TEXT], summaryOf);
  }
  const ordered = inStepOrder(after === null ? keys : [...keys, after]);
  // A step never goes; where the filter no longer shows it, its place is that of its key.
  const from = after === null ? 0 : ordered.lastIndexOf(after) + 1;
  const page = ordered.slice(from, from + limit + 1);
  const rows = await rowsOf(db, filter.run, page);
  return pageOf(rows, limit, filter, ({ key }) => [key, BY_NUMBER], summaryOf);
};

type Row = { key: string; error: StepError | null };

const summaryOf = (row: Row): StepSummary => withTimes<StepSummary>(row);

const FILTERED = `run_id = $1 and ($2::text[] is null or status = any($2)) and ($3::text is null or node = $3)`;
const valuesOf = ({ run, status, node }: StepFilter): unknown[] => [run, status ?? null, node ?? null];

/** null: there are too many, and `bounded` is true. */
const keysOf = async (db: Queryable, filter: StepFilter, bounded: boolean): Promise<string[] | null> => {
  const { rows } = await db.query<{ step: string }>(`select step from steps where ${FILTERED} limit $4`, [
    ...valuesOf(filter),
    bounded ? MOST_ORDERED + 1 : null,
  ]);
  return bounded && rows.length > MOST_ORDERED ? null : rows.map(({ step }) => step);
};

/** By the partition's primary key. */
const rowsBehind = async (db: Queryable, filter: StepFilter, after: string | null, limit: number): Promise<Row[]> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS}, error from steps
     where ${FILTERED} and ($4::text is null or step > $4 collate "C")
     order by step limit $5`,
    [...valuesOf(filter), after, limit],
  );
  return rows;
};

/** In the order of the keys given. */
const rowsOf = async (db: Queryable, run: string, keys: readonly string[]): Promise<Row[]> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS}, error from steps where run_id = $1 and step = any($2::text[])`,
    [run, keys],
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return keys.flatMap((key) => byKey.get(key) ?? []);
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
