import type { Queryable } from "./database";

/**
 * Whether the current schema has a table of this name, as the statement's own snapshot sees it. `to_regclass` would
 * answer from what the connection has cached: after a wait for a lock that may be from before another process made it.
 */
export const tableExists = async (db: Queryable, name: string): Promise<boolean> => {
  const { rows } = await db.query<{ there: boolean }>(
    "select exists (select from pg_tables where schemaname = current_schema() and tablename = $1) as there",
    [name],
  );
  return rows[0]!.there;
};
