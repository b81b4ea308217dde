import { existsSync } from "node:fs";
import { QueueNames } from "../bus/queues";
import { DqueueError } from "../core/errors";
import type { Database, Session } from "../store/database";
import { pendingMigrations } from "../store/migrate";
import { unusableQueues } from "./doctor-queues";
import { CodeLocation } from "./code-location";
import { obstacleAt } from "./address";
import { openDatabaseOf } from "./offline";
import { redacted, type Settings, urlOf } from "./settings";

/** What one check found. `todo`: what to do about it; absent where all is well, or where the text says it. */
export interface Finding {
  check: "node" | "database" | "migrations" | "broker" | "code" | "port";
  state: "ok" | "warning" | "problem";
  text: string;
  todo?: string;
}

const NODE_VERSIONS = [
  { major: 20, minor: 19 },
  { major: 22, minor: 12 },
];

/** Looks at everything that a start needs, and changes nothing. Findings come as they are made; it never rejects. */
export async function* diagnose(settings: Settings): AsyncGenerator<Finding> {
  yield checkNode();
  yield* checkDatabase(settings);
  yield await checkBroker(settings);
  yield await checkCode(settings);
  yield await checkPort(settings);
}

const checkNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const known = NODE_VERSIONS.find((version) => version.major === major);
  const good = major >= 24 || (known !== undefined && minor >= known.minor);
  if (good) return { check: "node", state: "ok", text: `Node ${process.versions.node}` };
  const todo = "Install Node 20.19, 22.12, 24 or newer.";
  return { check: "node", state: "problem", text: `Node ${process.versions.node} is not supported.`, todo };
};

async function* checkDatabase(settings: Settings): AsyncGenerator<Finding> {
  const { databaseUrl, home } = settings;
  if (databaseUrl === null && !existsSync(home)) {
    yield { check: "database", state: "ok", text: `embedded; ${home} will be made at the first start` };
    return;
  }
  let database: Database;
  try {
    database = await openDatabaseOf(settings);
  } catch (error) {
    yield unopened(error);
    return;
  }
  try {
    yield databaseUrl === null
      ? { check: "database", state: "ok", text: `embedded in ${home}` }
      : await checkServer(database, databaseUrl);
    yield await checkMigrations(database);
  } catch (error) {
    yield problem("database", error);
  } finally {
    await database.close();
  }
}

const unopened = (error: unknown): Finding => {
  const inUse = error instanceof DqueueError && error.code === "HOME_IN_USE";
  if (inUse) return { check: "database", state: "warning", text: error.message, todo: "Fine if that is your server." };
  return problem("database", error, "Check DATABASE_URL and that it runs.");
};

const checkServer = async (database: Database, url: string): Promise<Finding> => {
  const { rows } = await database.query<{ version: string }>("select current_setting('server_version') as version");
  const where = `PostgreSQL ${rows[0]!.version} at ${redacted(url)}`;
  if (!(await sharesBackends(database))) return { check: "database", state: "ok", text: where };
  return {
    check: "database",
    state: "problem",
    text: `${where} is reached through a pooler in transaction mode: advisory locks get lost there.`,
    todo: "Point DATABASE_URL at the server itself, or set pool_mode = session for this database.",
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

const checkBroker = async ({ amqpUrl, namespace, queueType, queues }: Settings): Promise<Finding> => {
  if (amqpUrl === null) return { check: "broker", state: "ok", text: "in-process bus" };
  const where = `RabbitMQ at ${redacted(amqpUrl)}`;
  try {
    const unusable = await unusableQueues(amqpUrl, new QueueNames(namespace, queueType), queues);
    if (unusable.length === 0) return { check: "broker", state: "ok", text: `${where}, queues ${queues.join(", ")}` };
    return { check: "broker", state: "problem", text: unusable.join(" "), todo: "Until then their steps wait." };
  } catch (error) {
    const todo = "Check AMQP_URL and that RabbitMQ runs there.";
    return { check: "broker", state: "problem", text: `${where} cannot be reached: ${textOf(error)}.`, todo };
  }
};

const checkCode = async (settings: Settings): Promise<Finding> => {
  try {
    const { bundle, catalog, problems } = (await CodeLocation.load(settings)).code;
    const [jobs, sensors] = [catalog.jobs.length, catalog.sensors.length];
    const text = `${settings.jobs}: ${jobs} jobs, ${sensors} sensors, version ${bundle.version}`;
    if (problems.length === 0) return { check: "code", state: "ok", text };
    return { check: "code", state: "warning", text, todo: problems.join(" ") };
  } catch (error) {
    return problem("code", error);
  }
};

const checkPort = async ({ host, port }: Settings): Promise<Finding> => {
  const where = `${host}:${port}`;
  const obstacle = await obstacleAt({ host, port });
  if (obstacle === null) return { check: "port", state: "ok", text: `${where} is free` };
  if (await answers(urlOf(host, port)))
    return { check: "port", state: "ok", text: `a dqueue server answers on ${where}` };
  return { check: "port", state: "problem", text: `${where} cannot be used: ${obstacle.why}.`, todo: obstacle.todo };
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(2_000) });
    return ((await response.json()) as { status?: string }).status === "ok";
  } catch {
    return false;
  }
};

/** Errors of ours say themselves what to do. */
const problem = (check: Finding["check"], error: unknown, todo?: string): Finding => ({
  ...{ check, state: "problem", text: textOf(error) },
  ...(todo !== undefined && !(error instanceof DqueueError) && { todo }),
});

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
