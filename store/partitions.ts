import type { Database, Queryable } from "./database";
import { PARTITION_LOCK } from "./locks";
import { tableExists } from "./table-exists";

/** The tables that have days, in the order in which a commit locks them. */
export const PARTITIONED = ["steps", "items", "event_batches", "logs"] as const;
/** Of a day, which begins at midnight UTC. */
export const DAY_MS = 86_400_000;
const DATA_IN_DEFAULT = "23514";

/** What became of the days that were asked for, as YYYYMMDD. */
export interface EnsuredPartitions {
  created: string[];
  /** Rows of that day already stand in the default partition, or its lock was not to be had: they stay there. */
  skipped: string[];
}

/**
 * Makes the partitions of today (UTC, by the database's clock) and the following days. Safe to call from anywhere at
 * once and again: to be called at the start and some times a day. Never waits long for a lock.
 */
export const ensurePartitions = async (db: Database, daysAhead = 2): Promise<EnsuredPartitions> => {
  const result: EnsuredPartitions = { created: [], skipped: [] };
  for (const day of await missingDays(db, daysAhead)) {
    try {
      if (await db.transaction((tx) => createDay(tx, day))) result.created.push(dayName(day));
    } catch (error) {
      if (!isHarmless(error)) throw error;
      result.skipped.push(dayName(day));
    }
  }
  return result;
};

/** The lowest UUIDv7 of a moment: ids of runs created from then on compare above it. */
export const lowestId = (at: number): string => {
  const hex = at.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

/** When a UUIDv7 was drawn, in ms. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** SQL: when the UUIDv7 of a column was drawn, in ms. */
export const sqlTimeOfId = (column: string): string =>
  `('x' || left(replace(${column}::text, '-', ''), 12))::bit(48)::bigint`;

/** The start of the day (UTC) of a moment. */
export const startOfDay = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** A day (its start, UTC, in ms) as its tables are named: YYYYMMDD. */
export const dayName = (day: number): string => new Date(day).toISOString().slice(0, 10).replaceAll("-", "");

const missingDays = async (db: Queryable, daysAhead: number): Promise<number[]> => {
  const { rows } = await db.query<{ today: Date; there: string[] }>(
    `select date_trunc('day', now(), 'UTC') as today,
            array(select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
                  where i.inhparent = 'steps'::regclass) as there`,
  );
  const { today, there } = rows[0]!;
  const days = Array.from({ length: daysAhead + 1 }, (_, n) => today.getTime() + n * DAY_MS);
  return days.filter((day) => !there.includes(`steps_${dayName(day)}`));
};

/** All four tables or none. False: another process was faster. */
const createDay = async (tx: Queryable, day: number): Promise<boolean> => {
  // Attaching locks the default partition for a moment: whoever reads it for long must not make all writers wait.
  await tx.query("set local lock_timeout = '2s'");
  await tx.query("select pg_advisory_xact_lock($1, 0)", [PARTITION_LOCK]);
  if (await tableExists(tx, `steps_${dayName(day)}`)) return false;
  for (const table of PARTITIONED) {
    const partition = `${table}_${dayName(day)}`;
    // Room for a step's later states on the same page: those updates then touch no index.
    const fill = table === "steps" ? " with (fillfactor = 50)" : "";
    await tx.query(`create table ${partition} (like ${table} including defaults including constraints)${fill}`);
    await tx.query(
      `alter table ${table} attach partition ${partition} for values from ('${lowestId(day)}') to ('${lowestId(day + DAY_MS)}')`,
    );
  }
  return true;
};

const isHarmless = (error: unknown): boolean => {
  const { code } = error as { code?: string };
  return code === DATA_IN_DEFAULT || code === "DATABASE_TIMEOUT";
};
