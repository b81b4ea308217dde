import type { Database, Queryable } from "../database";
import { DAY_MS, lowestId, startOfDay } from "../partitions";
import { cutoffOf, type KeptDays, keptDaysOf } from "./expiry";
import { forgetRuns, type LeavingRun } from "./forget-runs";

/** Runs in one transaction. */
const RUNS_AT_ONCE = 200;

/** Which ended runs are past their time, as SQL: `r` is a row of runs. Its parameters: the default, jobs, their cutoffs. */
interface Past {
  sql: string;
  values: unknown[];
}

const NEVER = "-infinity";
const asTimestamp = (cutoff: number | null): string => (cutoff === null ? NEVER : new Date(cutoff).toISOString());

const pastTheirTime = ({ days, ofJobs }: KeptDays, now: number): Past => ({
  sql: `(r.ended_at < coalesce((select cutoff from unnest($4::text[], $5::timestamptz[]) as own (job, cutoff)
                                where own.job = r.job), $3::timestamptz) and not r.hooks_open)`,
  values: [
    asTimestamp(cutoffOf(days, now)),
    [...ofJobs.keys()],
    [...ofJobs.values()].map((own) => asTimestamp(cutoffOf(own, now))),
  ],
});

/** All ended ones, whatever their age. */
const ENDED: Past = { sql: "(r.ended_at is not null and not r.hooks_open)", values: [] };

/**
 * Removes the runs of a day (its start, UTC, by the ids of runs) where all of them are past their time, and with them
 * the reason for its tables. Yields how many runs each transaction has removed. By runs_pkey.
 */
export const removeDay = (
  db: Database,
  day: number,
  { kept, now }: { kept: KeptDays; now: number },
): AsyncGenerator<number> => removeWhole(db, day, pastTheirTime(kept, now));

/** The same for a day whose runs have all ended. */
export const removeEndedDay = (db: Database, day: number): AsyncGenerator<number> => removeWhole(db, day, ENDED);

async function* removeWhole(db: Database, day: number, past: Past): AsyncGenerator<number> {
  const ids = [lowestId(day), lowestId(day + DAY_MS)];
  const { rows } = await db.query<{ whole: boolean }>(
    `select not exists (
       select from runs r where r.id >= $1::uuid and r.id < $2::uuid and ${past.sql} is not true
     ) as whole`,
    [...ids, ...past.values],
  );
  if (!rows[0]!.whole) return;
  for (;;) {
    const found = await db.query<{ id: string }>(
      `select r.id from runs r where r.id >= $1::uuid and r.id < $2::uuid order by r.id limit ${RUNS_AT_ONCE}`,
      ids,
    );
    const removed = await remove(db, found.rows);
    if (removed === 0) return;
    yield removed;
  }
}

/**
 * Removes one by one the runs past their time that others of their day outlast: a day after that day might have gone
 * as a whole. Yields how many runs each transaction has removed. By runs_ended_by_job, job by job.
 */
export async function* removeSingly(
  db: Database,
  { kept, now }: { kept: KeptDays; now: number },
): AsyncGenerator<number> {
  for (const job of await jobsWithRuns(db)) {
    const cutoff = cutoffOf(keptDaysOf(kept, job), now);
    if (cutoff === null) continue;
    const before = lowestId(startOfDay(cutoff - DAY_MS));
    for (;;) {
      const { rows } = await db.query<{ id: string }>(
        `select id from runs where job = $1 and ended_at < $2 and id < $3::uuid and not hooks_open
         order by ended_at, id limit ${RUNS_AT_ONCE}`,
        [job, asTimestamp(cutoff), before],
      );
      const removed = await remove(db, rows);
      if (removed === 0) break;
      yield removed;
    }
  }
}

/** From job to job by runs_by_job: as many steps as jobs. */
const jobsWithRuns = async (db: Queryable): Promise<string[]> => {
  const { rows } = await db.query<{ job: string }>(
    `with recursive named as (
       (select job from runs order by job limit 1)
       union all
       select (select job from runs where job > named.job order by job limit 1) from named where named.job is not null
     )
     select job from named where job is not null`,
  );
  return rows.map(({ job }) => job);
};

/** Those that have not ended, or are being re-executed at this moment, stay. @returns how many went. */
const remove = async (db: Database, found: readonly { id: string }[]): Promise<number> => {
  if (found.length === 0) return 0;
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<LeavingRun>(
      `select id, coalesce(root_run_id, id) as root from runs
       where id = any($1::uuid[]) and ended_at is not null and not hooks_open
       order by id for update skip locked`,
      [found.map(({ id }) => id)],
    );
    await tx.query("insert into removals (run_id) select unnest($1::uuid[])", [rows.map(({ id }) => id)]);
    await forgetRuns(tx, rows);
    return rows.length;
  });
};
