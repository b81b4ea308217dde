import type { Queryable } from "../database";

/** Connections of PostgreSQL: those to this database, of whichever client, and how many the server allows at all. */
export const serverConnections = async (db: Queryable): Promise<{ open: number; allowed: number }> => {
  const { rows } = await db.query<{ open: number; allowed: number }>(
    `select (select count(*) from pg_stat_activity where datname = current_database()) as open,
            current_setting('max_connections')::int as allowed`,
  );
  return rows[0]!;
};
