import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DqueueError } from "../core/errors";
import { shipped } from "./built";
import type { Database, Queryable } from "./database";
import { MIGRATION_LOCK } from "./locks";
import { tableExists } from "./table-exists";

const TABLE = "dqueue_migrations";
const FILE = /^\d{3}_[a-z0-9_]+\.sql$/;
const DUPLICATE_TABLE = "42P07";

/**
 * Brings the schema to what this version needs and returns the names of the migrations that it applied. Any number of
 * processes may do so at once: a round is one transaction under a lock, so that one of them applies all of it and a
 * round that fails leaves the schema as it was, for the version that still runs.
 * Fails with SCHEMA_TOO_NEW, having altered nothing, where a newer dqueue has migrated the database, and with
 * SCHEMA_FOREIGN where the database holds another program's tables.
 */
export const migrate = async (db: Database, folder = shipped("store", "migrations")): Promise<string[]> => {
  if ((await pendingMigrations(db, folder)).length === 0) return [];
  // Loaded only where there is something to do: it takes a fifth of the time in which a process starts.
  const { Umzug } = await import("umzug");
  try {
    return await db.transaction(async (tx) => {
      await tx.query("set local statement_timeout = 0");
      await tx.query("select pg_advisory_xact_lock($1, 0)", [MIGRATION_LOCK]);
      await tx.query(
        `create table if not exists ${TABLE} (name text primary key, applied_at timestamptz not null default now())`,
      );
      const umzug = new Umzug({
        migrations: (await pendingMigrations(tx, folder)).map((name) => ({
          name,
          up: () => tx.query(readFileSync(join(folder, name), "utf8")),
        })),
        storage: {
          executed: () => applied(tx),
          logMigration: async ({ name }) => void (await tx.query(`insert into ${TABLE} (name) values ($1)`, [name])),
          unlogMigration: () => Promise.reject(new Error("Migrations only go forward.")),
        },
        logger: undefined,
      });
      return (await umzug.up()).map(({ name }) => name);
    });
  } catch (error) {
    throw asForeign((error as { cause?: unknown }).cause ?? error);
  }
};

/** What every process does at its start: the schema is there afterwards, or the start is refused. See `migrate`. */
export const ensureSchema = async (db: Database, folder?: string): Promise<void> => void (await migrate(db, folder));

/** Migrations that wait to be applied, by name; fails with SCHEMA_TOO_NEW as `migrate` does. Alters nothing. */
export const pendingMigrations = async (db: Queryable, folder = shipped("store", "migrations")): Promise<string[]> => {
  const files = readdirSync(folder)
    .filter((name) => FILE.test(name))
    .sort();
  const known = await applied(db);
  refuseNewer(known, files);
  return files.filter((name) => !known.includes(name));
};

const applied = async (db: Queryable): Promise<string[]> => {
  if (!(await tableExists(db, TABLE))) return [];
  return (await db.query<{ name: string }>(`select name from ${TABLE} order by name`)).rows.map(({ name }) => name);
};

const refuseNewer = (known: string[], files: string[]): void => {
  const newer = known.filter((name) => !files.includes(name));
  if (newer.length === 0) return;
  throw new DqueueError(
    "SCHEMA_TOO_NEW",
    `The database's schema is newer than this dqueue: it has ${newer.join(", ")}, this version ends at ` +
      `${files.at(-1)}. Nothing was altered. Start the newer dqueue, or restore the database from before its migration.`,
  );
};

const asForeign = (error: unknown): unknown => {
  if ((error as { code?: string }).code !== DUPLICATE_TABLE) return error;
  return new DqueueError(
    "SCHEMA_FOREIGN",
    `The database already holds tables that are not dqueue's (${(error as Error).message}). ` +
      `Nothing was altered. Give dqueue a database of its own in DATABASE_URL.`,
  );
};
