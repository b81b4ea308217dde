import { DqueueError } from "../core/errors";
import { type Database, openDatabase } from "../store/database";
import { ensureSchema, migrate, pendingMigrations } from "../store/migrate";
import { requireHome } from "./home";
import type { Settings } from "./settings";

export const openDatabaseOf = async ({ databaseUrl, home }: Settings): Promise<Database> => {
  if (databaseUrl === null) requireHome(home);
  return openDatabase({ databaseUrl: databaseUrl ?? undefined, home });
};

/** Brings the schema up to date; fails with SCHEMA_TOO_OLD where that is somebody else's to do, and not done. */
export const prepareSchema = async (db: Database, { migrate }: Settings): Promise<void> => {
  if (migrate) return ensureSchema(db);
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return;
  throw new DqueueError(
    "SCHEMA_TOO_OLD",
    `The database lacks ${pending.join(", ")}, and DQUEUE_MIGRATE is false. Run \`dqueue migrate\` first.`,
  );
};

export const withDatabase = async <T>(settings: Settings, work: (database: Database) => Promise<T>): Promise<T> => {
  const database = await openDatabaseOf(settings);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
};

/** Any number of processes may do so at once. @returns the names of what it applied. */
export const migrateDatabase = (settings: Settings): Promise<string[]> => withDatabase(settings, (db) => migrate(db));

/** @returns the names of what `migrateDatabase` would apply; alters nothing. */
export const missingMigrations = (settings: Settings): Promise<string[]> => withDatabase(settings, pendingMigrations);
