import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DqueueClient } from "../client";

export interface TestServerOptions {
  /** The code location; ./jobs if not given. */
  jobs?: string;
}

/** A server that a test has for itself. */
export interface TestServer {
  readonly url: string;
  readonly client: DqueueClient;
  /** Ends it, without waiting for steps, and forgets its runs. */
  stop(): Promise<void>;
}

/**
 * Starts all of dqueue in this process for a test, as `dqueue dev` does: at a free port of 127.0.0.1, on an embedded
 * database of its own; steps run in child processes. The environment and dqueue.yaml are not asked. Sensors that are RUNNING by default launch runs.
 *
 * @throws DqueueError CODE_LOCATION_… or NO_JOBS where the code location cannot be loaded.
 */
export const startServer = async ({ jobs = "./jobs" }: TestServerOptions = {}): Promise<TestServer> => {
  // Loaded when called: a test of a job alone needs none of it.
  const [{ compose }, { readSettings, ROLES }] = await Promise.all([
    import("../services/compose.js"),
    import("../services/settings.js"),
  ]);
  const home = await mkdtemp(join(tmpdir(), "dqueue-test-"));
  const forget = (): Promise<void> => rm(home, { recursive: true, force: true, maxRetries: 5 });
  try {
    const settings = readSettings(
      { DQUEUE_HOME: home, DQUEUE_JOBS: resolve(jobs), PORT: "0", METRICS_PORT: "0" },
      home,
    );
    const node = await compose(settings, ROLES, { dev: true, logTo: "stderr" });
    await node.start();
    const url = (await node.url())!;
    return {
      url,
      client: new DqueueClient(url),
      stop: async () => {
        await node.stop();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
};
