import type { Queryable } from "../../store/database";
import type { Finding } from "./finding";

const LONG_S = 60;

interface Open {
  readonly pid: number;
  readonly place: string;
  /** Null where this role may not see it. */
  readonly seconds: number | null;
}

/**
 * Whether a transaction that has written is open for long (in seconds), in whichever database of the server: ids of
 * transactions are the server's, and who reads what has changed since goes no further than the oldest that is open.
 */
export const checkTransactions = async (database: Queryable, long = LONG_S): Promise<Finding> => {
  const open = await readOpen(database);
  const old = open.find(({ seconds }) => seconds !== null && seconds >= long);
  if (old)
    return {
      ...{ check: "transactions", state: "warning" },
      text: `Process ${old.pid} of PostgreSQL, in ${old.place}, has had a transaction open for ${Math.round(old.seconds!)} s: until it ends, run-status sensors launch nothing and live updates are late.`,
      todo: `Have its program end it, or do so: select pg_terminate_backend(${old.pid}). idle_in_transaction_session_timeout limits those that were forgotten.`,
    };
  const unseen = open.some(({ seconds }) => seconds === null);
  const rest = unseen ? " (since when those of other users are, members of pg_read_all_stats see)" : "";
  return { check: "transactions", state: "ok", text: `none is open for long${rest}` };
};

/** Oldest first. Those that have not written have no id, and hold nothing up. */
const readOpen = async (database: Queryable): Promise<Open[]> => {
  const { rows } = await database.query<Open>(
    `select pid, extract(epoch from clock_timestamp() - xact_start)::float8 as seconds,
            format('database "%s"', datname) || coalesce(format(' by "%s"', nullif(application_name, '')), '') as place
       from pg_stat_activity
      where backend_xid is not null and datname is not null
      order by xact_start`,
  );
  return rows;
};
