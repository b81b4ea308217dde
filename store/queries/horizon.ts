import type { Queryable } from "../database";

/**
 * The oldest transaction that is open on the server, be it in another database; if there is none, the next one. What
 * changed in those before it is settled: none of them can commit any more.
 */
export const horizon = async (db: Queryable): Promise<string> => {
  const { rows } = await db.query<{ xmin: string }>(`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`);
  return rows[0]!.xmin;
};
