import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DqueueClient, type LaunchOptions } from "../../client";
import { shipped } from "../../store/built";
import { workspace } from "../cli/command";
import { freePort } from "../support/free-port";

/** A server with the jobs that ship, and runs that one would find on a busy day. */
export interface Demo {
  readonly url: string;
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
  const port = await freePort();
  const place = workspace({ PORT: `${port}`, MAX_CONCURRENT_RUNS: `${MOST_RUNS}` });
  cpSync(shipped("jobs"), join(place.folder, "jobs"), { recursive: true });
  cpSync(shipped("docs", "decisions"), join(place.folder, "docs"), { recursive: true });
  mkdirSync(join(place.folder, "reports"));
  try {
    await place.start("dev").printed(/dqueue is at/);
    const url = `http://127.0.0.1:${port}`;
    return { url, runs: await launchAll(new DqueueClient(url)), stop: () => place.remove() };
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
