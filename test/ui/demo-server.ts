import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DqueueClient, type LaunchOptions } from "../../client";
import { shipped } from "../../store/built";
import { type Workspace, workspace } from "../cli/command";
import { freePort } from "../support/free-port";

/** A server with the jobs that ship, and runs that one would find on a busy day. */
export interface Demo {
  readonly url: string;
  /** Of another server, that asks who one is. */
  readonly doorUrl: string;
  /** Runs worth a look, by what they are. */
  readonly runs: Readonly<Record<"live" | "failed" | "whole" | "counted" | "queued", string>>;
  stop(): Promise<void>;
}

/** More than these wait in the queue. */
const MOST_RUNS = 4;
/** Of the runs that go on until the server ends. */
const LONG = { numTasks: 5_000, workMs: 3_000 };

/** Starts it from the build, in a folder of its own, and launches what is to be seen. */
export const startDemo = async (): Promise<Demo> => {
  const place = await started({ MAX_CONCURRENT_RUNS: `${MOST_RUNS}` });
  try {
    const door = await started(GUARDED);
    const stop = async (): Promise<void> => void (await Promise.all([place.remove(), door.remove()]));
    return { url: place.url, doorUrl: door.url, runs: await launchAll(new DqueueClient(place.url)), stop };
  } catch (error) {
    await place.remove();
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

const started = async (settings: NodeJS.ProcessEnv): Promise<Workspace & { url: string }> => {
  const port = await freePort();
  const place = workspace({ PORT: `${port}`, ...settings });
  cpSync(shipped("jobs"), join(place.folder, "jobs"), { recursive: true });
  cpSync(shipped("docs", "decisions"), join(place.folder, "docs"), { recursive: true });
  mkdirSync(join(place.folder, "reports"));
  try {
    await place.start("dev").printed(/dqueue is at/);
    return { ...place, url: `http://127.0.0.1:${port}` };
  } catch (error) {
    await place.remove();
    throw error;
  }
};

const launchAll = async (client: DqueueClient): Promise<Demo["runs"]> => {
  const launch = async (options: LaunchOptions): Promise<string> => (await client.runs.launch(options)).id;
  const ended = async (options: LaunchOptions): Promise<string> => {
    const id = await launch(options);
    await client.runs.wait(id);
    return id;
  };
  const words = (folder: string, team: string): LaunchOptions => ({
    ...{ job: "word_count", config: { folder }, tags: { team } },
  });
  const counted = await ended(words("./reports", "docs"));
  for (let i = 0; i < 6; i++) await ended(words("./docs", i % 2 === 0 ? "docs" : "legal"));
  const whole = await ended({ job: "job_2", config: { numTasks: 400, workMs: 80 }, tags: { customer: "acme" } });
  const canceled = await launch({ job: "job_4", config: LONG });
  await client.runs.cancel(canceled);
  await client.runs.wait(canceled);
  // The latest of its runs fails: that is what an overview is for.
  await ended(words("./inbox", "legal"));
  const failed = await ended(words("./archive/2025", "docs"));
  const live = await launch({ job: "job_3", config: LONG, tags: { customer: "acme" }, priority: 5 });
  const behind = ["job_5", "job_1", "job_2", "job_5"].map((job) => launch({ job, config: LONG, priority: 1 }));
  await Promise.all(behind);
  const queued = await launch({ job: "job_1", config: LONG, tags: { customer: "globex" } });
  return { live, failed, whole, counted, queued };
};
