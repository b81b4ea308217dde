import type { Queryable } from "../database";

/** A transaction that has written. */
export interface OpenTransaction {
  /** The process of PostgreSQL. */
  readonly pid: number;
  /** Its database, and who uses it there. */
  readonly place: string;
  /** How long it has been open; null where this role may not see it. */
  readonly seconds: number | null;
}

/**
 * The open transactions of the whole server, oldest first. Those that have not written have no id, and hold nothing up:
 * ids are the server's, and who reads what has changed since goes no further than the oldest that is open.
 */
export const openTransactions = async (db: Queryable): Promise<OpenTransaction[]> => {
  const { rows } = await db.query<OpenTransaction>(
    `select pid, extract(epoch from clock_timestamp() - xact_start)::float8 as seconds,
            format('database "%s"', datname) || coalesce(format(' by "%s"', nullif(application_name, '')), '') as place
       from pg_stat_activity
      where backend_xid is not null and datname is not null
      order by xact_start`,
  );
  return rows;
};
