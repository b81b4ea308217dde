import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tick } from "../../client";
import type { Cluster } from "../support/cluster";
import { eventually } from "../support/eventually";
import { nextTicks, onBoth } from "./modes";

const JOBS = readFileSync(join(__dirname, "code/sensors.ts"), "utf8");

const runsOf = async ({ client }: Cluster, job: string) => {
  const runs = [];
  for await (const run of client.runs.all({ job })) runs.push(run);
  return runs.reverse();
};

/** Kills what evaluates sensors, and starts it again. */
const restartDaemon = async (cluster: Cluster, between: () => Promise<void> = async () => {}): Promise<void> => {
  const role = cluster.rabbit ? "daemon" : "dev";
  const daemon = cluster.processes(role).at(-1)!;
  daemon.child.kill("SIGKILL");
  await daemon.ended();
  if (role === "daemon") await between();
  await cluster.start(role);
};

onBoth("Sensors", { jobs: JOBS, settings: { DQUEUE_CONCURRENCY: "8" } }, (cluster) => {
  test("SEN-1: a run key launches once, whatever becomes of its run, the cursor and the daemon", async () => {
    const { runs, sensors } = cluster().client;
    const first = nextTicks(cluster(), "files", 2);
    await sensors.start("files");
    const [launching, passing] = await first;
    expect(launching).toMatchObject({ status: "SUCCESS", run_ids: [expect.any(String)] });
    const [launched] = launching!.run_ids;
    expect(await runs.wait(launched!)).toMatchObject({ status: "FAILURE", run_key: "file-1" });
    expect(passing).toMatchObject({ status: "SKIPPED", known_run_keys: ["file-1"] });
    expect(passing!.skip_reason).toContain('"file-1"');

    for (let i = 0; i < 2; i++) await runs.wait((await runs.reexecute(launched!, { from: "start" })).id);
    await nextTicks(cluster(), "files", 5);
    await runs.delete(launched!);
    await nextTicks(cluster(), "files", 5);
    await sensors.setCursor("files", null);
    await restartDaemon(cluster());
    await nextTicks(cluster(), "files", 5);
    await sensors.stop("files");

    const { items } = await sensors.ticks("files", { limit: 1_000 });
    expect(items.filter(({ status }) => status === "FAILURE")).toEqual([]);
    expect(items.flatMap(({ run_ids }) => run_ids)).toEqual([launched]);
    const left = await runsOf(cluster(), "ingest");
    expect(left.map(({ parent_run_id }) => parent_run_id)).toEqual([launched, launched]);
    expect(cluster().lines("broken")).toHaveLength(3);
  });

  test.each([
    ["misfit", 'run key "misfit-r3"', "/config/n"],
    ["stray", '"nowhere"', "/job"],
  ])("SEN-2: one bad request holds its tick back, and nothing is launched twice: %s", async (name, says, pointer) => {
    const { sensors } = cluster().client;
    const failing = nextTicks(cluster(), name, 1);
    await sensors.setCursor(name, "c0");
    await sensors.start(name);
    const [failed] = await failing;
    expect(failed).toMatchObject({ status: "FAILURE", run_ids: [], cursor: "c0", error: { metadata: { pointer } } });
    expect(failed!.error!.message).toContain(says);
    expect(failed!.error!.message).toContain(`${name}-r3`);
    expect((await sensors.get(name)).cursor).toBe("c0");
    const launchedBy = async () =>
      (await runsOf(cluster(), "count")).filter(({ tags }) => tags["dagster/sensor_name"] === name);
    expect(await launchedBy()).toEqual([]);

    cluster().place.write(`${name}-repaired`, "");
    for (let tick: Tick | undefined; tick?.status !== "SUCCESS";) [tick] = await nextTicks(cluster(), name, 1);
    expect((await sensors.get(name)).cursor).toBe("c1");
    await nextTicks(cluster(), name, 2);
    await sensors.stop(name);
    const runs = await launchedBy();
    expect(runs.map(({ run_key }) => run_key).sort()).toEqual([1, 2, 3, 4, 5].map((n) => `${name}-r${n}`));
    for (const { id } of runs) expect(await cluster().client.runs.wait(id)).toMatchObject({ status: "SUCCESS" });
  });

  test("SEN-2: a daemon that is killed while it launches 200 runs leaves all of them or none, and in the end 200", async () => {
    const { sensors } = cluster().client;
    await sensors.start("flood");
    await eventually(() => cluster().lines("flood").length > 0);
    await restartDaemon(cluster(), async () => {
      const { length } = await runsOf(cluster(), "flood");
      expect([0, 200]).toContain(length);
      expect((await sensors.get("flood")).cursor).toBe(length === 0 ? null : "done");
    });
    // Of a daemon that was killed another takes the sensors over once its lease has run out.
    while ((await sensors.get("flood")).cursor !== "done") await nextTicks(cluster(), "flood", 1);
    await nextTicks(cluster(), "flood", 1);
    await sensors.stop("flood");
    const runs = await runsOf(cluster(), "flood");
    expect(runs).toHaveLength(200);
    expect(new Set(runs.map(({ run_key }) => run_key)).size).toBe(200);
    for (const { id } of runs) expect(await cluster().client.runs.wait(id)).toMatchObject({ status: "SUCCESS" });
  });

  test("run-status sensors hear of each end once, also across a restart", async () => {
    const { runs } = cluster().client;
    const end = async (fail: boolean): Promise<string> => {
      const run = await runs.wait((await runs.launch({ job: "watch", config: { fail } })).id);
      expect(run.status).toBe(fail ? "FAILURE" : "SUCCESS");
      return run.id;
    };
    const heard = (sensor: string, count: number): Promise<unknown> =>
      eventually(() => cluster().lines(sensor).length >= count);
    const failed = [await end(true), await end(true)];
    const succeeded = [await end(false)];
    await heard("failures", 2);
    await heard("successes", 1);
    await nextTicks(cluster(), "failures", 1);
    await restartDaemon(cluster());
    failed.push(await end(true));
    succeeded.push(await end(false));
    await heard("failures", 3);
    await heard("successes", 2);
    await nextTicks(cluster(), "failures", 2);

    const lines = (sensor: string): string[] => cluster().lines(sensor);
    expect(lines("failures")).toEqual(failed.map((id) => `${id} FAILURE The step "watched" failed.`));
    expect(lines("successes")).toEqual(succeeded.map((id) => `${id} SUCCESS `));
  });
});
