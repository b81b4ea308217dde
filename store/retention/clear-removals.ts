import type { Database, Queryable } from "../database";
import { DAY_MS, dayName, lowestId, PARTITIONED, startOfDay, timeOfId } from "../partitions";

const RUNS_AT_ONCE = 100;
/** Rows in one statement: some ten milliseconds. */
const ROWS_AT_ONCE = 2_000;

/**
 * Deletes what is left of removed runs, a piece at a time; yields the rows of each. What is of the days named is left: it
 * goes with their tables.
 * @param days those that have tables.
 */
export async function* clearRemovals(
  db: Database,
  { days, except }: { days: readonly number[]; except: readonly number[] },
): AsyncGenerator<number> {
  for (;;) {
    const runs = await nextRemovals(db, except);
    if (runs.length === 0) return;
    for (const [suffix, ids] of byPartition(runs, days)) {
      for (const table of PARTITIONED) yield* clear(db, `${table}_${suffix}`, ids);
    }
    yield* clear(db, '"values"', runs);
    await db.query("delete from removals where run_id = any($1::uuid[])", [runs]);
    yield 0;
  }
}

const nextRemovals = async (db: Queryable, except: readonly number[]): Promise<string[]> => {
  const { rows } = await db.query<{ run_id: string }>(
    `select run_id from removals where not exists (
       select from unnest($1::uuid[], $2::uuid[]) as day (first, next) where run_id >= first and run_id < next
     ) order by run_id limit ${RUNS_AT_ONCE}`,
    [except.map(lowestId), except.map((day) => lowestId(day + DAY_MS))],
  );
  return rows.map(({ run_id }) => run_id);
};

/** All rows of a run stand in the tables of its day, or where it has none in the default ones. */
const byPartition = (runs: readonly string[], days: readonly number[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const run of runs) {
    const day = startOfDay(timeOfId(run));
    const suffix = days.includes(day) ? dayName(day) : "default";
    groups.set(suffix, [...(groups.get(suffix) ?? []), run]);
  }
  return groups;
};

/** By the place of each row: the plan is an index scan of this table's own, however many there are of it. */
async function* clear(db: Database, table: string, runs: readonly string[]): AsyncGenerator<number> {
  for (let full = true; full;) {
    const { rowCount } = await db.query(
      `delete from ${table} where ctid = any(array(
         select ctid from ${table} where run_id = any($1::uuid[]) limit ${ROWS_AT_ONCE}))`,
      [runs],
    );
    full = rowCount === ROWS_AT_ONCE;
    if (rowCount > 0) yield rowCount;
  }
}
