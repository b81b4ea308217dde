import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { startServers } from "../../../bench/servers";
import { DqueueClient, type LaunchOptions } from "../../../client";
import { shipped } from "../../../store/built";
import { openDatabase } from "../../../store/database";
import { type Workspace, workspace } from "../../cli/command";
import { freePort } from "../../support/free-port";
import { makeHistory, type Past } from "./history";

/** A small cluster with jobs of a shop, and runs that one would find on a busy day. */
export interface Demo {
  readonly url: string;
  /** Of another server, that asks who one is. */
  readonly doorUrl: string;
  /** Runs worth a look, by what they are. */
  readonly runs: Readonly<Record<"live" | "failed" | "closed" | "whole" | "counted" | "queued", string>>;
  stop(): Promise<void>;
}

/** More than these wait in the queue. */
const MOST_RUNS = 6;
/** Of the runs that go on until the server ends: so many items. */
const LONG = { items: 20_000 };
const TOKEN = { $secret: "env:DQUEUE_SECRET_LEDGER_TOKEN" };

/** Processes by the names of their hosts. */
const DAEMONS = ["daemon-1", "daemon-2"];
const WORKERS: Record<string, { count: number; queues: string; slots: number }> = {
  worker: { count: 6, queues: "default", slots: 8 },
  "worker-io": { count: 2, queues: "default,io", slots: 4 },
  "worker-gpu": { count: 1, queues: "gpu", slots: 2 },
};

/** Starts it from the build, in a folder of its own, and launches what is to be seen. */
export const startDemo = async (): Promise<Demo> => {
  const servers = await startServers();
  const databaseUrl = await servers.postgres.newDatabase();
  const port = await freePort();
  const place = folderWithJobs({ DATABASE_URL: databaseUrl, AMQP_URL: servers.rabbit.url, PORT: `${port}` });
  const door = folderWithJobs({ PORT: `${await freePort()}`, ...GUARDED });
  const stop = async (): Promise<void> => {
    await Promise.all([place.remove(), door.remove()]);
    await servers.stop();
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await startCluster(place);
    await door.start("dev").printed(/dqueue is at/);
    const runs = await makeBusyDay(new DqueueClient(url), databaseUrl);
    return { url, doorUrl: `http://127.0.0.1:${door.env.PORT}`, runs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Company accounts beside keys. The provider is asked for nothing before somebody signs in. */
const GUARDED = {
  DQUEUE_AUTH: "required",
  DQUEUE_ADMIN_KEY: `dq_${"demo".repeat(4)}.${randomBytes(32).toString("base64url")}`,
  OIDC_ISSUER: "https://login.example.com",
  OIDC_CLIENT_ID: "dqueue",
  OIDC_CLIENT_SECRET: "of-no-use",
  OIDC_ALLOWED_DOMAINS: "example.com",
};

const folderWithJobs = (settings: NodeJS.ProcessEnv): Workspace => {
  const place = workspace({ MAX_CONCURRENT_RUNS: `${MOST_RUNS}`, DQUEUE_SECRET_LEDGER_TOKEN: "not-real", ...settings });
  cpSync(shipped("jobs", "word-count.ts"), join(place.folder, "jobs", "word-count.ts"));
  cpSync(join(__dirname, "jobs"), join(place.folder, "jobs"), { recursive: true });
  cpSync(shipped("docs", "decisions"), join(place.folder, "docs"), { recursive: true });
  mkdirSync(join(place.folder, "reports"));
  // Pages show processes by their hosts, which are containers where there is more than one.
  place.write("host.cjs", `require("node:os").hostname = () => process.env.DEMO_HOST;`);
  return place;
};

const startCluster = async (place: Workspace): Promise<void> => {
  const start = async (host: string, role: string, settings: NodeJS.ProcessEnv = {}): Promise<void> => {
    Object.assign(place.env, { DEMO_HOST: host, NODE_OPTIONS: `--require ${place.folder}/host.cjs`, ...settings });
    await place.start("start", role, "--json").printed(/"roles": \[[^]*\n}/);
  };
  await start("webserver-1", "webserver");
  for (const daemon of DAEMONS) await start(daemon, "daemon");
  for (const [name, { count, queues, slots }] of Object.entries(WORKERS)) {
    for (let i = 1; i <= count; i++)
      await start(`${name}-${i}`, "worker", { DQUEUE_QUEUES: queues, DQUEUE_CONCURRENCY: `${slots}` });
  }
};

const words = (folder: string, team: string): LaunchOptions => ({
  ...{ job: "word_count", config: { folder }, tags: { team } },
});
const ledger = (config: object, customer: string): LaunchOptions => ({
  ...{ job: "post_ledger", config: { token: TOKEN, ...config }, tags: { customer } },
});

const HISTORY: Past[] = [
  { launch: { job: "ingest_orders" }, everyMinutes: 4 },
  { launch: { job: "ingest_payments" }, everyMinutes: 5 },
  { launch: { job: "resize_images" }, everyMinutes: 7 },
  { launch: { job: "refresh_search" }, everyMinutes: 6 },
  { launch: { job: "score_customers" }, everyMinutes: 12 },
  { launch: { job: "send_statements" }, everyMinutes: 9 },
  { launch: { job: "export_warehouse" }, everyMinutes: 15 },
  { launch: words("./docs", "legal"), everyMinutes: 11 },
  {
    ...{ launch: ledger({ entries: 15 }, "globex"), everyMinutes: 5 },
    failed: { launch: ledger({ strict: true, entries: 60 }, "acme"), runs: 3 },
  },
];

const makeBusyDay = async (client: DqueueClient, databaseUrl: string): Promise<Demo["runs"]> => {
  const launch = async (options: LaunchOptions): Promise<string> => (await client.runs.launch(options)).id;
  const ended = async (options: LaunchOptions): Promise<string> => {
    const id = await launch(options);
    await client.runs.wait(id);
    return id;
  };
  const db = await openDatabase({ databaseUrl, home: "." });
  await makeHistory(client, db, HISTORY).finally(() => db.close());
  const counted = await ended(words("./reports", "docs"));
  const closed = await ended({ job: "month_close", tags: { month: "2026-10" } });
  const whole = await ended({ ...ledger({ entries: 600, ms: 250 }, "initech") });
  const canceled = await launch({ job: "export_warehouse", config: LONG });
  await client.runs.cancel(canceled);
  await client.runs.wait(canceled);
  // The latest of its runs fails: that is what an overview is for.
  const failed = await ended(words("./archive/2025", "docs"));
  const live = await launch({ ...ledger({ entries: 10_000, ms: 1_500 }, "acme"), priority: 5 });
  const long = ["resize_images", "score_customers", "export_warehouse", "ingest_orders", "send_statements"];
  await Promise.all(long.map((job) => launch({ job, config: LONG, priority: 3 })));
  const queued = await launch({ job: "refresh_search", tags: { customer: "globex" } });
  return { live, failed, closed, whole, counted, queued };
};
