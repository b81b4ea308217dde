import { existsSync } from "node:fs";
import { DqueueError } from "../../core/errors";
import type { Database, Session } from "../../store/database";
import { pendingMigrations } from "../../store/migrate";
import { requireHome } from "../home";
import { openDatabaseOf } from "../offline";
import { redacted, type Settings } from "../settings";
import { checkAccess } from "./access";
import { serverAnswers } from "./code-and-port";
import { type Finding, problem } from "./finding";
import { checkRetention, sizeOf } from "./kept";
import { diskOf } from "./machine";
import { checkTransactions } from "./transactions";

const OLDEST_SERVER = 15;
const MUCH_APART_MS = 1_000;

/** Of a home that there is not yet. */
const checkHome = (home: string): Finding => {
  try {
    requireHome(home);
    return { check: "database", state: "ok", text: `embedded; ${home} will be made at the first start` };
  } catch (error) {
    return problem("database", error, "Set it to a folder that this user may make or write to.");
  }
};

/** The database and what depends on what is in it. */
export async function* checkDatabase(settings: Settings): AsyncGenerator<Finding> {
  const { databaseUrl, home } = settings;
  const unknown = { taken: null, disk: databaseUrl === null ? diskOf(home) : null };
  if (databaseUrl === null && !existsSync(home)) {
    yield checkHome(home);
    yield checkRetention(settings, unknown);
    yield checkAccess(null, settings);
    return;
  }
  let database: Database;
  try {
    database = await openDatabaseOf(settings);
  } catch (error) {
    yield await unopened(error, settings);
    yield checkRetention(settings, unknown);
    yield checkAccess(null, settings);
    return;
  }
  try {
    yield* checkOpenDatabase(database, settings);
  } catch (error) {
    yield problem("database", error);
  } finally {
    await database.close();
  }
}

/** A database that answers, and what depends on what is in it. */
export async function* checkOpenDatabase(database: Database, settings: Settings): AsyncGenerator<Finding> {
  const { databaseUrl, home } = settings;
  if (database.embedded || databaseUrl === null) yield { check: "database", state: "ok", text: `embedded in ${home}` };
  else yield* checkServer(database, databaseUrl);
  const migrations = await checkMigrations(database);
  yield migrations;
  const disk = databaseUrl === null ? diskOf(home) : null;
  yield checkRetention(settings, { taken: await sizeOf(database), disk });
  yield checkAccess(migrations.state === "ok" ? database : null, settings);
}

const unopened = async (error: unknown, settings: Settings): Promise<Finding> => {
  const inUse = error instanceof DqueueError && error.code === "HOME_IN_USE";
  if (!inUse) return problem("database", error, "Check DATABASE_URL and that it runs.");
  if (!(await serverAnswers(settings)))
    return { check: "database", state: "warning", text: error.message, todo: "Fine if that is your server." };
  const holder =
    typeof error.details.pid === "string" ? `the dqueue of process ${error.details.pid}` : "another dqueue";
  return { check: "database", state: "ok", text: `embedded in ${settings.home}; ${holder} has it open` };
};

async function* checkServer(database: Database, url: string): AsyncGenerator<Finding> {
  const { rows } = await database.query<{ version: string }>("select current_setting('server_version') as version");
  const { version } = rows[0]!;
  const where = `PostgreSQL ${version} at ${redacted(url)}`;
  if (Number.parseInt(version) < OLDEST_SERVER)
    yield {
      check: "database",
      state: "problem",
      text: `${where} is too old.`,
      todo: `Take ${OLDEST_SERVER} or newer.`,
    };
  else if (await sharesBackends(database))
    yield {
      check: "database",
      state: "problem",
      text: `${where} is reached through a pooler in transaction mode: advisory locks get lost there.`,
      todo: "Point DATABASE_URL at the server itself, or set pool_mode = session for this database.",
    };
  else yield { check: "database", state: "ok", text: where };
  yield judgeClock(await clockAhead(database));
  yield await checkTransactions(database);
}

/** By how many ms the server's clock is ahead of this machine's: a range, for an answer takes its time. */
const clockAhead = async (database: Database): Promise<[least: number, most: number]> => {
  const asked = Date.now();
  const { rows } = await database.query<{ at: Date }>("select clock_timestamp() as at");
  const at = rows[0]!.at.getTime();
  return [at - Date.now(), at - asked];
};

export const judgeClock = ([least, most]: [number, number]): Finding => {
  const apart = least > 0 ? least : most < 0 ? -most : 0;
  if (apart < MUCH_APART_MS) return { check: "clock", state: "ok", text: "as the database's" };
  return {
    check: "clock",
    state: "warning",
    text: `This machine's clock is ${(apart / 1000).toFixed(1)} s ${least > 0 ? "behind" : "ahead of"} the database's.`,
    todo: "Have both set by NTP: times of steps and of their runs do not fit together.",
  };
};

/** True if a connection that does nothing has lent its backend to another one: a pooler in transaction mode. */
const sharesBackends = async (database: Database): Promise<boolean> => {
  const backend = async (session: Session): Promise<number> =>
    (await session.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]!.pid;
  const idle = await database.session();
  const others: Session[] = [];
  try {
    const own = await backend(idle);
    // A pooler hands out the backend that was used last, and opens new ones only while all are busy.
    for (let i = 0; i < 3; i++) {
      const other = await database.session();
      others.push(other);
      await other.query("begin");
      if ((await backend(other)) === own) return true;
    }
    return false;
  } finally {
    await Promise.all([idle, ...others].map((session) => session.close()));
  }
};

const checkMigrations = async (database: Database): Promise<Finding> => {
  try {
    const pending = await pendingMigrations(database);
    if (pending.length === 0) return { check: "migrations", state: "ok", text: "up to date" };
    const todo = "A start applies them; `dqueue migrate` does so ahead.";
    return { check: "migrations", state: "warning", text: `Not yet applied: ${pending.join(", ")}.`, todo };
  } catch (error) {
    return problem("migrations", error, "Use a dqueue as new as the schema.");
  }
};
