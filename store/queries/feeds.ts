import type { Queryable } from "../database";
import { lowestId } from "../partitions";
import { type RunSummary, SUMMARY_COLUMNS, withTimes } from "./runs";

const NIL = "00000000-0000-0000-0000-000000000000";

/** Runs whose status changed, in the order of transactions: `<transaction>:<run id>` says how far somebody has read. */
export const RUN_PLACE = /^(\d{1,20}):([0-9a-f-]{36})$/;

/** Where a reader stands who has seen everything up to now. */
export const runsNow = async (db: Queryable): Promise<string> => {
  const { rows } = await db.query<{ xmin: string }>(`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`);
  return `${rows[0]!.xmin}:${NIL}`;
};

/**
 * Runs that changed behind a place, each as it is now. Stops before the oldest transaction that is still open: one
 * that commits late would be skipped for ever. By runs_changed.
 */
export const changedRuns = async (
  db: Queryable,
  place: string,
  limit: number,
): Promise<{ run: RunSummary; place: string }[]> => {
  const [, xid, id] = RUN_PLACE.exec(place)!;
  const { rows } = await db.query<{ changed: string; id: string }>(
    `select ${SUMMARY_COLUMNS}, changed::text as changed from runs
     where changed >= $1::xid8 and (changed, id) > ($1::xid8, $2::uuid)
       and changed < pg_snapshot_xmin(pg_current_snapshot())
     order by runs.changed, id limit $3`,
    [xid, id, limit],
  );
  return rows.map(({ changed, ...row }) => ({ run: withTimes<RunSummary>(row), place: `${changed}:${row.id}` }));
};

export interface TickItem {
  id: string;
  instigator: string;
  status: string;
  started_at: string;
  ended_at: string | null;
  skip_reason: string | null;
  run_ids: string[];
}

/** Ids are drawn before their transactions commit: one that ends later may carry a lower id. */
const LATE_MS = 10_000;

/** Ticks that ended behind an id, and those shortly before it, since they may have been committed later. */
export const recentTicks = async (db: Queryable, after: string, limit: number): Promise<TickItem[]> => {
  const since = lowestId(Math.max(0, timeOf(after) - LATE_MS));
  const { rows } = await db.query(
    `select id, instigator, status, started_at, ended_at, left(skip_reason, 500) as skip_reason, run_ids
     from ticks where id >= $1 and ended_at is not null order by id limit $2`,
    [since, limit],
  );
  return rows.map((row) => withTimes<TickItem>(row));
};

/** A sensor that was started or stopped. */
export interface SwitchedSensor {
  name: string;
  status: string;
  status_since: string;
  version: number;
  next_tick_at: string;
}

/** Sensors that were started or stopped behind an id's time, and those shortly before it: as ticks, they may be late. */
export const switchedSensors = async (db: Queryable, after: string): Promise<SwitchedSensor[]> => {
  const { rows } = await db.query(
    `select name, status, status_since, version, next_tick_at from instigators
     where status_since > to_timestamp($1::float8 / 1000) order by status_since`,
    [Math.max(0, timeOf(after) - LATE_MS)],
  );
  return rows.map((row) => withTimes<SwitchedSensor>(row));
};

const timeOf = (id: string): number => parseInt(id.replaceAll("-", "").slice(0, 12), 16);

export const ticksNow = (now: number): string => lowestId(now);
