import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { dependencies } from "../../package.json";
import type { Cluster } from "../support/cluster";
import { happened, onBoth, outcome } from "./modes";

const DAY = 86_400_000;

/** Over how long the load is measured. */
const WATCH_MS = 5_000;

const JOBS = `
import { appendFileSync } from "node:fs";
import { Failure, job, op, RetryRequested } from "dqueue";
import { refuse, where } from "helper";

class Own extends Failure {}
const no = { retryable: false, metadata: { n: 1 } };
const deep = async () => { await Promise.resolve(); throw new Failure("no", no); };
const failing = (name: string, fail: () => unknown) => {
  const run = () => {
    appendFileSync(process.env.MARKS + "/" + name, "\\n");
    return fail();
  };
  return job(name, (g) => { g.call(op({ name: name + "_op", retry: { maxRetries: 5, delayMs: 50 }, run })); });
};

export const inside = failing("inside", () => { throw new Failure("no", no); });
export const copied = failing("copied", () => {
  appendFileSync(process.env.MARKS + "/where", where + "\\n");
  return refuse("no", no);
});
export const derived = failing("derived", () => { throw new Own("no", no); });
export const nested = failing("nested", async () => { await deep(); });
export const control = failing("control", () => { throw new Error("no"); });
export const patient = job("patient", (g) => {
  g.call(op({
    name: "wait",
    run: () => {
      appendFileSync(process.env.MARKS + "/patient", "\\n");
      throw new RetryRequested({ maxRetries: 3, delayMs: 30 * ${DAY} });
    },
  }));
});
`;

/** A package of the author's, which brings a dqueue of its own in its own node_modules. */
const helperWithItsOwnCopy = (folder: string): void => {
  const root = resolve(__dirname, "../..");
  const helper = join(folder, "jobs/node_modules/helper");
  const modules = join(helper, "node_modules");
  const isCode = (file: string): boolean => !/\.(map|d\.ts)$/.test(file);
  cpSync(join(root, "dist"), join(modules, "dqueue/dist"), { recursive: true, filter: isCode });
  cpSync(join(root, "package.json"), join(modules, "dqueue/package.json"));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(helper, "package.json"), `{ "name": "helper", "main": "index.js" }`);
  writeFileSync(
    join(helper, "index.js"),
    `const { Failure } = require("dqueue");
    exports.where = require.resolve("dqueue");
    exports.refuse = (message, options) => { throw new Failure(message, options); };`,
  );
};

onBoth("A retry", { jobs: JOBS, prepare: helperWithItsOwnCopy }, (cluster) => {
  const launch = async (job: string): Promise<string> => (await cluster().client.runs.launch({ job })).id;

  test.each(["inside", "copied", "derived", "nested"])(
    "RET-1: a Failure that forbids it is final (%s)",
    async (job) => {
      const { run, steps, count } = await outcome(cluster(), await launch(job));
      expect(run.status).toBe("FAILURE");
      expect([count("STEP_START"), count("STEP_UP_FOR_RETRY"), count("STEP_FAILURE")]).toEqual([1, 0, 1]);
      expect(steps[0]!.error).toMatchObject({ message: "no", metadata: { n: 1 } });
      expect(cluster().lines(job)).toHaveLength(1);
    },
  );

  test("RET-1: the second copy is one", () => {
    const { lines, place } = cluster();
    expect(lines("where")).toEqual([expect.stringContaining(join(place.folder, "jobs/node_modules/helper"))]);
  });

  test("RET-1: any other error is tried again as often as the policy says", async () => {
    const { run, steps, count } = await outcome(cluster(), await launch("control"));
    expect(run.status).toBe("FAILURE");
    expect(["STEP_START", "STEP_UP_FOR_RETRY", "STEP_RESTARTED", "STEP_FAILURE"].map((type) => count(type))).toEqual([
      1, 5, 5, 1,
    ]);
    expect(steps[0]!.attempt).toBe(6);
    expect(cluster().lines("control")).toHaveLength(6);
  });

  test("RET-2: a delay of 30 days is kept, over a restart as well, until a cancel", async () => {
    const { client, processes, start, lines } = cluster();
    const id = await launch("patient");
    await happened(cluster(), id, "STEP_UP_FOR_RETRY");
    const step = await client.runs.step(id, "wait");
    expect(step.status).toBe("UP_FOR_RETRY");
    expect(Math.abs(Date.parse(step.retry_at!) - Date.now() - 30 * DAY)).toBeLessThan(60_000);
    expect(await busiest(cluster())).toBeLessThan(0.05);
    expect(await client.runs.step(id, "wait")).toMatchObject({ status: "UP_FOR_RETRY", retry_at: step.retry_at });

    const role = processes("dev").length > 0 ? "dev" : "daemon";
    const old = processes(role).at(-1)!;
    old.child.kill("SIGTERM");
    await old.ended();
    await start(role);
    // A run that ends shows that the new owner has taken over and turned its timers.
    expect((await outcome(cluster(), await launch("inside"))).run.status).toBe("FAILURE");
    expect(await busiest(cluster())).toBeLessThan(0.05);
    expect(await client.runs.step(id, "wait")).toMatchObject({ status: "UP_FOR_RETRY", retry_at: step.retry_at });

    await client.runs.cancel(id);
    const { run, count } = await outcome(cluster(), id);
    expect(run.status).toBe("CANCELED");
    expect([count("STEP_START"), count("STEP_RESTARTED"), lines("patient").length]).toEqual([1, 0, 1]);
    for (const role of ["dev", "webserver", "daemon", "worker"] as const)
      for (const running of processes(role)) expect(running.text()).not.toContain("TimeoutOverflowWarning");
  });
});

/** The share of a CPU that the busiest of a cluster's processes takes while nothing happens. */
const busiest = async (cluster: Cluster): Promise<number> => {
  const alive = (["dev", "webserver", "daemon", "worker"] as const)
    .flatMap(cluster.processes)
    .filter(({ child }) => child.exitCode === null && child.signalCode === null);
  const before = alive.map(({ child }) => cpuMs(child.pid!));
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  return Math.max(...alive.map(({ child }, index) => (cpuMs(child.pid!) - before[index]!) / WATCH_MS));
};

/** User and system time of a process, in ms (a clock tick of Linux is 10 ms). */
const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
