import type { Queryable } from "../database";
import { lowestId } from "../partitions";
import { horizon } from "./horizon";
import { type RunSummary, SUMMARY_COLUMNS, withTimes } from "./runs";

const NIL = "00000000-0000-0000-0000-000000000000";

/** Runs whose status changed, in the order of transactions: `<transaction>:<run id>` says how far somebody has read. */
export const RUN_PLACE = /^(\d{1,20}):([0-9a-f-]{36})$/;

/** Where a reader stands who has seen everything up to now. */
export const runsNow = async (db: Queryable): Promise<string> => `${await horizon(db)}:${NIL}`;

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

/**
 * From when on there may be news for a reader who has seen the ticks up to an id: shortly before it, since what bears
 * an earlier time may have been committed later. In ms since the epoch, of a whole second: readers then share a question.
 */
export const timeOfNews = (after: string): number => {
  const seen = parseInt(after.replaceAll("-", "").slice(0, 12), 16);
  return Math.max(0, Math.floor((seen - LATE_MS) / 1_000) * 1_000);
};

/** Ticks that have ended, of those that began at `since` (ms since the epoch) or later. */
export const recentTicks = async (db: Queryable, since: number, limit: number): Promise<TickItem[]> => {
  const { rows } = await db.query(
    `select id, instigator, status, started_at, ended_at, left(skip_reason, 500) as skip_reason, run_ids
     from ticks where id >= $1 and ended_at is not null order by id limit $2`,
    [lowestId(since), limit],
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

/** Sensors that were started or stopped after `since` (ms since the epoch). */
export const switchedSensors = async (db: Queryable, since: number): Promise<SwitchedSensor[]> => {
  const { rows } = await db.query(
    `select name, status, status_since, version, next_tick_at from instigators
     where status_since > to_timestamp($1::float8 / 1000) order by status_since`,
    [since],
  );
  return rows.map((row) => withTimes<SwitchedSensor>(row));
};

export const ticksNow = (now: number): string => lowestId(now);
