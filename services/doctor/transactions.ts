import type { Queryable } from "../../store/database";
import { openTransactions } from "../../store/queries/open-transactions";
import type { Finding } from "./finding";

const LONG_S = 60;

/** Whether a transaction that has written is open for long (in seconds), in whichever database of the server. */
export const checkTransactions = async (database: Queryable, long = LONG_S): Promise<Finding> => {
  const open = await openTransactions(database);
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
