import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database } from "../../store/database";
import { ensureSchema } from "../../store/migrate";
import { postgresIsAvailable, startPostgres, type PostgresServer } from "./postgres";

/** One of the databases that the store must work on, for one suite. */
export interface TestDatabase {
  readonly db: Database;
  /** Absent embedded. */
  readonly url?: string;
  readonly server?: PostgresServer;
  stop(): Promise<void>;
}

const onEmbedded = async (): Promise<TestDatabase> => {
  const home = mkdtempSync(join(tmpdir(), "dqueue-home-"));
  const db = await openDatabase({ home });
  await ensureSchema(db);
  return {
    db,
    stop: async () => {
      await db.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

const onPostgres = async (): Promise<TestDatabase> => {
  const server = await startPostgres();
  const url = await server.newDatabase();
  const db = await openDatabase({ databaseUrl: url, home: tmpdir() });
  await ensureSchema(db);
  return {
    db,
    url,
    server,
    stop: async () => {
      await db.close();
      await server.stop();
    },
  };
};

/** For `describe.each`: a migrated database of each kind. Guard the second with `describeOnPostgres`. */
export const DATABASES: [string, () => Promise<TestDatabase>][] = [
  ["embedded", onEmbedded],
  ...(postgresIsAvailable() || process.env.CI === "true"
    ? [["PostgreSQL", onPostgres] as (typeof DATABASES)[number]]
    : []),
];
