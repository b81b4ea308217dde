import type { Database } from "../database";

/** Makes room of what was deleted, table by table: the embedded database has nobody who does. */
export async function* vacuumTables(db: Database): AsyncGenerator<void> {
  const { rows } = await db.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`,
  );
  for (const { name } of rows) {
    await db.query(`vacuum (analyze) ${name}`);
    yield;
  }
}
