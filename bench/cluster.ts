import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ServiceBroker } from "moleculer";
import { createBus } from "../bus";
import type { JsonObject } from "../core/json";
import type { MailboxItem } from "../core/messages";
import { findJobs, type PublishedJob } from "../store/catalog";
import { createRuns } from "../store/create-runs";
import { type Database, openDatabase } from "../store/database";
import type { Pids } from "./processes";
import { halt, startRole } from "./role";
import type { Servers } from "./servers";

const WORKERS = 2;
/** How often it is asked whether all have ended; when they did, their rows tell. What is asked costs the database too. */
const POLL_MS = 250;

/** Until the last end was committed, in seconds. */
export interface Taken {
  sinceLaunch: number;
  /** Since the first run started: without the launch, which is no step. */
  sinceStart: number;
}

/** One coordinator, two workers with a step process each, and a web server, as an operator starts them. */
export interface Cluster {
  readonly db: Database;
  readonly pids: Pids;
  /**
   * Creates the runs in one statement, waits until all have ended, and tells how long it took. Fails where one of them
   * does not succeed, or after `limitS`.
   */
  perform(job: string, config: JsonObject, runs: number, limitS?: number): Promise<Taken>;
  /** What the tables hold, with their indexes, in bytes. */
  bytes(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * `files`: the code location, text by path; `slots`: steps that it runs at a time, half of them on each worker. Each
 * cluster has a database and a namespace of its own.
 */
export const startCluster = async (
  servers: Servers,
  files: Record<string, string>,
  slots: number,
): Promise<Cluster> => {
  const folder = mkdtempSync(join(tmpdir(), "dqueue-bench-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "jobs", path)), { recursive: true });
    writeFileSync(join(folder, "jobs", path), text);
  }
  const databaseUrl = await servers.postgres.newDatabase();
  const namespace = `bench${process.pid}-${Date.now()}`;
  const env = {
    ...environment(folder, databaseUrl, servers.rabbit.url, namespace),
    DQUEUE_CONCURRENCY: String(slots / WORKERS),
  };
  const started: ChildProcess[] = [];
  const start = async (role: string): Promise<number> => {
    const { process: child } = await startRole(role, folder, env);
    started.push(child);
    return child.pid!;
  };
  const end = async (): Promise<void> => {
    await Promise.all(started.map(halt));
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const webServer = await start("webserver");
    const [coordinator, ...workers] = await Promise.all([
      start("daemon"),
      ...Array.from({ length: WORKERS }, () => start("worker")),
    ]);
    const { pid: postgres } = servers.postgres;
    const { pid: rabbitmq } = servers.rabbit;
    const pids = { coordinator: coordinator!, workers, webServer, postgres: postgres!, rabbitmq: rabbitmq! };
    const door = await openDoor(databaseUrl, servers.rabbit.url, namespace, folder);
    return { ...door, pids, stop: () => door.close().then(end) };
  } catch (error) {
    await end();
    throw error;
  }
};

const environment = (folder: string, databaseUrl: string, amqpUrl: string, namespace: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  DATABASE_URL: databaseUrl,
  AMQP_URL: amqpUrl,
  NAMESPACE: namespace,
  PORT: "0",
  DQUEUE_PROCESSES: "1",
  LOG_LEVEL: "warn",
});

/** Launches and waits without the web server, whose speed is another matter. */
const openDoor = async (databaseUrl: string, amqpUrl: string, namespace: string, home: string) => {
  const db = await openDatabase({ databaseUrl, home });
  const bus = createBus({ mode: "amqp", url: amqpUrl, namespace, name: "dqueue bench" });
  const broker = new ServiceBroker({
    logger: false,
    middlewares: [bus.middleware],
    skipProcessEventRegistration: true,
  });
  await broker.start();
  const look: MailboxItem = { type: "look", shard: 0, at: "queue" };
  const launch = async (job: PublishedJob, config: JsonObject, runs: number): Promise<string[]> => {
    const { name, graphId, codeVersion } = job;
    const run = { job: name, graphId, codeVersion, priority: 0, tags: {}, config };
    const created = await createRuns(db, Array<typeof run>(runs).fill(run));
    await broker.dispatch("coordinator.receive", look, { key: 0 });
    return created.map(({ id }) => id);
  };
  return {
    db,
    perform: async (name: string, config: JsonObject, runs: number, limitS = 300) => {
      const job = (await findJobs(db, [name])).get(name);
      if (!job) throw new Error(`The job "${name}" was not published.`);
      const begin = Date.now();
      const ids = await launch(job, config, runs);
      const { first, last } = await firstStartAndLastEnd(db, ids, begin + limitS * 1_000);
      return { sinceLaunch: (last - begin) / 1_000, sinceStart: (last - first) / 1_000 };
    },
    bytes: () => tableBytes(db),
    close: async () => {
      await broker.stop();
      await db.close();
    },
  };
};

/** When the last of the runs' ends was committed, by the database's clock, which is this machine's. */
const firstStartAndLastEnd = async (
  db: Database,
  ids: string[],
  deadline: number,
): Promise<{ first: number; last: number }> => {
  for (;;) {
    const { rows } = await db.query<{ open: number; failed: number; first: number; last: number }>(
      `select count(*) filter (where ended_at is null)::int as open,
              count(*) filter (where status in ('FAILURE', 'CANCELED'))::int as failed,
              min(extract(epoch from started_at) * 1000)::float8 as first,
              max(extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as last
       from runs where id = any($1::uuid[])`,
      [ids],
    );
    const { open, failed, first, last } = rows[0]!;
    if (failed > 0) throw new Error(`${failed} of ${ids.length} runs failed.`);
    if (open === 0) return { first, last };
    if (Date.now() > deadline) throw new Error(`${open} of ${ids.length} runs did not end in time.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const tableBytes = async (db: Database): Promise<number> => {
  const { rows } = await db.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(oid))::float8 as bytes from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  return rows[0]!.bytes;
};
