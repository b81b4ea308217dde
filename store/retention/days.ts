import type { Database, Queryable } from "../database";
import { DAY_MS, dayName, lowestId, PARTITIONED, sqlTimeOfId } from "../partitions";

/** Commits wait for as long at most where something long is being read; it is tried again later then. */
const PATIENCE = "100ms";
const TRIES = 5;

/** The days (their starts, UTC, in ms) that have tables, oldest first. */
export const daysWithTables = async (db: Queryable): Promise<number[]> => {
  const { rows } = await db.query<{ day: string }>(
    `select distinct substring(c.relname from '\\d{8}$') as day
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = any($1::regclass[]) and c.relname ~ '_\\d{8}$' order by 1`,
    [PARTITIONED],
  );
  return rows.map(({ day }) => Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`));
};

/** What the tables of a day hold, with their indexes, and the values of its runs. */
export interface DaySize {
  day: number;
  bytes: number;
}

/** Days that have tables, oldest first. Asks the file system for each. */
export const daySizes = async (db: Queryable): Promise<DaySize[]> => {
  const { rows } = await db.query<DaySize>(
    `with tables as (
       select substring(c.relname from '\\d{8}$') as day, pg_total_relation_size(c.oid) as bytes
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = any($1::regclass[]) and c.relname ~ '_\\d{8}$'
     ), by_values as (
       select ${sqlTimeOfId("run_id")} / ${DAY_MS} * ${DAY_MS} as day,
              sum(size) as bytes
       from "values" group by 1
     ), by_tables as (
       select (extract(epoch from to_date(day, 'YYYYMMDD')) * 1000)::bigint as day, sum(bytes) as bytes
       from tables group by 1
     )
     select day, (t.bytes + coalesce(v.bytes, 0))::bigint as bytes
     from by_tables t left join by_values v using (day) order by day`,
    [PARTITIONED],
  );
  return rows;
};

/**
 * Drops the tables of a day that no run is of any more, each in a transaction of its own. Yields after each try; where
 * others hold a table for long it stays for the next time. @returns whether all are gone.
 */
export async function* dropDay(db: Database, day: number): AsyncGenerator<void, boolean> {
  for (const table of PARTITIONED) {
    let dropped = false;
    for (let tries = 0; !dropped && tries < TRIES; tries++) {
      dropped = await tryDrop(db, table, day);
      yield;
    }
    if (!dropped) return false;
  }
  return true;
}

const tryDrop = async (db: Database, table: string, day: number): Promise<boolean> => {
  try {
    return await db.transaction(async (tx) => {
      // Dropping one locks all days: who waits for that lock makes every commit wait behind it.
      await tx.query(`set local lock_timeout = '${PATIENCE}'`);
      await tx.query(`lock table ${table} in access exclusive mode`);
      if (await hasRuns(tx, day)) return false;
      await tx.query(`drop table if exists ${table}_${dayName(day)}`);
      return true;
    });
  } catch (error) {
    if ((error as { code?: string }).code === "DATABASE_TIMEOUT") return false;
    throw error;
  }
};

/** By runs_pkey. */
export const hasRuns = async (db: Queryable, day: number): Promise<boolean> => {
  const { rows } = await db.query<{ any: boolean }>(
    "select exists (select from runs where id >= $1::uuid and id < $2::uuid) as any",
    [lowestId(day), lowestId(day + DAY_MS)],
  );
  return rows[0]!.any;
};
