import { RUN_STATUSES, type RunStatus } from "../../core/status";
import type { Queryable } from "../database";
import { allOf, Conditions, type RunFilter } from "./run-filter";
import { hasCommonTags, windowOf } from "./run-list";

export type StatusCounts = Record<RunStatus, number>;

/** Counts of runs by status. */
export interface CountedRuns {
  counts: StatusCounts;
  total: number;
  /** False: only the newest ended runs were looked at, those created from `counted_from` on. */
  complete: boolean;
  counted_from: string | null;
}

export const noRuns = (): StatusCounts => Object.fromEntries(RUN_STATUSES.map((status) => [status, 0])) as StatusCounts;

/**
 * How many runs of a filter have which status. All that live are counted (by runs_live); of the ended ones the newest
 * window that the filter's indexed part (job, rare tags, time of creation) leaves, by runs_newest, runs_by_job or
 * runs_by_tag: this bounds the time, whatever the history.
 * @param whole all are counted, however long it takes.
 */
export const countRuns = async (db: Queryable, filter: RunFilter, { whole = false } = {}): Promise<CountedRuns> => {
  const counts = noRuns();
  if (whole) {
    for (const { status, runs } of await countAll(db, filter)) counts[status] = runs;
    return { counts, total: sumOf(counts), complete: true, counted_from: null };
  }
  const common = await hasCommonTags(db, filter);
  for (const { status, runs } of (await countIn(db, filter, { live: true, common })).rows) counts[status] += runs;
  const { rows, looked, from } = await countIn(db, filter, { live: false, common });
  for (const { status, runs } of rows) counts[status] += runs;
  const complete = looked < windowOf(filter);
  return {
    counts,
    total: sumOf(counts),
    complete,
    counted_from: complete ? null : from!.toISOString(),
  };
};

const sumOf = (counts: StatusCounts): number => RUN_STATUSES.reduce((sum, status) => sum + counts[status], 0);

/** By whichever index the planner finds best: where there is none for the filter, all runs are read. */
const countAll = async (db: Queryable, filter: RunFilter): Promise<{ status: RunStatus; runs: number }[]> => {
  const conditions = new Conditions(filter);
  const { rows } = await db.query<{ status: RunStatus; runs: number }>(
    `select status, count(*) as runs from runs r where ${allOf([...conditions.near, ...conditions.far()])} group by status`,
    conditions.values,
  );
  return rows;
};

interface Counted {
  rows: { status: RunStatus; runs: number }[];
  looked: number;
  from: Date | null;
}

const countIn = async (
  db: Queryable,
  filter: RunFilter,
  { live, common }: { live: boolean; common: boolean },
): Promise<Counted> => {
  const conditions = new Conditions(filter, common);
  const near = [...conditions.near, live ? "r.ended_at is null" : "r.ended_at is not null"];
  const far = conditions.far();
  const { rows } = await db.query<{ status: RunStatus; runs: number; looked: number; from: Date }>(
    `select status, count(*) filter (where ${allOf(far)}) as runs, count(*) as looked, min(created_at) as from
     from (
       select r.* from runs r where ${allOf(near)}
       order by r.created_at desc, r.id desc ${live ? "" : `limit ${windowOf(filter)}`}
     ) r group by status`,
    conditions.values,
  );
  const earliest = Math.min(...rows.map((row) => row.from.getTime()));
  return {
    rows,
    looked: rows.reduce((sum, row) => sum + row.looked, 0),
    from: rows.length > 0 ? new Date(earliest) : null,
  };
};

export interface Histogram {
  from: string;
  to: string;
  bucket_seconds: number;
  /** Runs created in each bucket, by their status now. A status that no run has is left out. */
  counts: Partial<Record<RunStatus, number[]>>;
  complete: boolean;
  counted_from: string | null;
}

/**
 * When the runs of a filter were created, whatever it says of that. By the indexes of countRuns, up to a window of rows, the
 * newest of the range.
 */
export const histogramOf = async (
  db: Queryable,
  { created_after: _after, created_before: _before, ...filter }: RunFilter,
  { to, seconds, buckets }: { to: number; seconds: number; buckets: number },
): Promise<Histogram> => {
  const from = to - seconds * 1_000;
  const conditions = new Conditions(filter);
  const { near } = conditions;
  const start = conditions.value(new Date(from).toISOString(), "timestamptz");
  near.push(
    `r.created_at >= ${start}`,
    `r.created_at < ${conditions.value(new Date(to).toISOString(), "timestamptz")}`,
  );
  const width = conditions.value(seconds / buckets, "float8");
  const far = conditions.far();
  const { rows } = await db.query<{ status: RunStatus; bucket: number; runs: number; looked: number; from: Date }>(
    `select status, least(floor(date_part('epoch', created_at - ${start}) / ${width}), ${buckets - 1})::int as bucket,
            count(*) filter (where ${allOf(far)}) as runs, count(*) as looked, min(created_at) as from
     from (select r.* from runs r where ${allOf(near)} order by r.created_at desc, r.id desc limit ${windowOf(filter)}) r
     group by 1, 2`,
    conditions.values,
  );
  const counts: Histogram["counts"] = {};
  for (const { status, bucket, runs } of rows)
    if (runs > 0) (counts[status] ??= Array.from({ length: buckets }, () => 0))[bucket] = runs;
  const complete = rows.reduce((sum, row) => sum + row.looked, 0) < windowOf(filter);
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    bucket_seconds: seconds / buckets,
    counts,
    complete,
    counted_from: complete ? null : new Date(Math.min(...rows.map((row) => row.from.getTime()))).toISOString(),
  };
};
