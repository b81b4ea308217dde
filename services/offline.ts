import { type Database, openDatabase } from "../store/database";
import { migrate, pendingMigrations } from "../store/migrate";
import type { Settings } from "./settings";

export const openDatabaseOf = ({ databaseUrl, home }: Settings): Promise<Database> =>
  openDatabase({ databaseUrl: databaseUrl ?? undefined, home });

const withDatabase = async <T>(settings: Settings, work: (database: Database) => Promise<T>): Promise<T> => {
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
