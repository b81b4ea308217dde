import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Running } from "../cli/command";
import type { Cluster } from "../support/cluster";
import { eventually } from "../support/eventually";
import { happened, onBoth, outcome } from "./modes";

const JOBS = readFileSync(join(__dirname, "code/worker-death.ts"), "utf8");
const settings = { DQUEUE_STEP_MEMORY_MB: "128", DQUEUE_PROCESSES: "3", DQUEUE_CONCURRENCY: "8" };

const launch = async ({ client }: Cluster, job: string, config: Record<string, number> = {}): Promise<string> =>
  (await client.runs.launch({ job, config })).id;

/** Kills the oldest processes of these roles that live, and starts others. */
const replace = async (cluster: Cluster, ...roles: Parameters<Cluster["start"]>[0][]): Promise<void> => {
  const isAlive = ({ child }: Running): boolean => child.exitCode === null && child.signalCode === null;
  const doomed = roles.map((role) => cluster.processes(role).find(isAlive)!);
  for (const { child } of doomed) child.kill("SIGKILL");
  await Promise.all(doomed.map((running) => running.ended()));
  await Promise.all(roles.map((role) => cluster.start(role)));
};

onBoth("WRK-1", { jobs: JOBS, settings }, (cluster) => {
  /** The one worker, known by its beats: the first may come a second after its start. */
  const worker = async () => {
    const { items } = await eventually(
      () => cluster().client.workers.list(),
      ({ items }) => items[0],
    );
    return items[0]!;
  };

  test("(a) a step that exhausts its memory fails by that name; its worker lives, its neighbours succeed", async () => {
    const { pid } = await worker();
    const sleeping = await launch(cluster(), "sleeping", { n: 20, ms: 3_000 });
    await happened(cluster(), sleeping, "STEP_START");
    const hogging = await outcome(cluster(), await launch(cluster(), "hogging"));
    expect(hogging.run).toMatchObject({ status: "FAILURE" });
    expect(hogging.steps).toMatchObject([{ status: "FAILURE", attempt: 1 }]);
    expect(hogging.steps[0]!.error!.message).toMatch(/memory limit.*128 MB/);
    const executions = cluster().lines("hog").length;
    expect(executions).toBeGreaterThanOrEqual(1);
    expect(executions).toBeLessThanOrEqual(3);

    const slept = await outcome(cluster(), sleeping);
    expect(slept.run).toMatchObject({ status: "SUCCESS" });
    expect(slept.steps.filter(({ status, lost }) => status === "SUCCESS" && lost === 0)).toHaveLength(21);
    expect((await worker()).pid).toBe(pid);
  });

  test("a step that exits its process with 0 is lost as one that crashes it, three times at most", async () => {
    const { pid } = await worker();
    const sleeping = await launch(cluster(), "sleeping", { n: 5, ms: 2_000 });
    await happened(cluster(), sleeping, "STEP_START");
    const id = await launch(cluster(), "quitting");
    const quitting = await outcome(cluster(), id);
    expect(quitting.run).toMatchObject({ status: "FAILURE" });
    expect(quitting.steps).toMatchObject([{ status: "FAILURE", attempt: 1, lost: 3 }]);
    expect(quitting.steps[0]!.error!.message).toMatch(/exited with code 0 while the step ran/);
    const { stdout } = await cluster().place.run("runs", "show", id);
    expect(stdout).toMatch(/Lost while they ran:\n( +\d\d:\d\d:\d\d quitter on \S+: .*exited with code 0.*\n){2,3}/);
    const executions = cluster().lines("quitter").length;
    expect(executions).toBeGreaterThanOrEqual(2);
    expect(executions).toBeLessThanOrEqual(3);

    const slept = await outcome(cluster(), sleeping);
    expect(slept.run).toMatchObject({ status: "SUCCESS" });
    for (const step of slept.steps) expect(step).toMatchObject({ status: "SUCCESS", attempt: 1, lost: 0 });
    expect((await worker()).pid).toBe(pid);
  });

  test("(b) a step that kills its worker three times is poison; other runs are unhurt", async () => {
    // Embedded, the worker is the whole of dqueue, which the user's own shell would have to start again.
    if (!cluster().rabbit) return;
    // What an operator's supervisor does.
    let over = false;
    const supervise = async (running: Running): Promise<void> => {
      await running.ended();
      if (!over) await supervise(await cluster().start("worker"));
    };
    const [first] = cluster().processes("worker");
    const supervised = supervise(first!);
    const sleeping = await launch(cluster(), "sleeping", { n: 10, ms: 500 });
    const killing = await outcome(cluster(), await launch(cluster(), "killing"));
    over = true;
    expect(killing.run).toMatchObject({ status: "FAILURE" });
    expect(killing.steps).toMatchObject([{ key: "assassin", status: "FAILURE", attempt: 1, lost: 3 }]);
    expect(killing.steps[0]!.error!.message).toMatch(/^Lost 3 times while it ran/);
    expect(cluster().lines("assassin")).toHaveLength(3);
    expect(new Set(cluster().lines("assassin")).size).toBe(3);
    expect(await cluster().client.runs.wait(sleeping)).toMatchObject({ status: "SUCCESS" });

    // It may have been restarted a last time or not: one is needed for what follows, and nothing waits in the queue.
    cluster().processes("worker").at(-1)!.child.kill("SIGKILL");
    await supervised;
    await cluster().start("worker");
    const { items } = await cluster().client.queues.list();
    expect(items.find(({ name }) => name === "default")).toMatchObject({ queued: 0, running: 0, messages: 0 });
  });

  test("(c) worker and coordinator killed during the last allowed attempt: the run ends, the slot is free", async () => {
    const { client, place } = cluster();
    const id = await launch(cluster(), "lasting");
    await eventually(() => cluster().lines("last").length === 1);
    await replace(cluster(), ...(cluster().rabbit ? (["worker", "daemon"] as const) : (["dev"] as const)));
    await eventually(() => cluster().lines("last").length === 2);
    place.write("go", "");
    const { run, steps } = await outcome(cluster(), id);
    expect(run).toMatchObject({ status: "SUCCESS" });
    expect(steps).toMatchObject([{ status: "SUCCESS", attempt: 2 }]);

    const again = await outcome(cluster(), await launch(cluster(), "lasting"));
    expect(again.run).toMatchObject({ status: "SUCCESS" });
    const free = async (): Promise<boolean> => (await client.workers.list()).items.every(({ busy }) => busy === 0);
    await eventually(free);
  });
});
