import { readFileSync } from "node:fs";
import type { Run } from "../../client";
import type { Cluster } from "../support/cluster";
import { eventually } from "../support/eventually";
import { onBoth, outcome } from "./modes";

const JOBS = `
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { job, op, runStatusSensor } from "dqueue";

const note = (file: string, text: string) => appendFileSync(process.env.MARKS + "/" + file, text + "\\n");
const hooks = { onFailure: ({ runId }: { runId: string }) => note("hook", runId) };

const stubborn = op({
  name: "stubborn",
  async run({ runId }) {
    for (let i = 0; i < 300; i++) {
      note("beats." + runId, Date.now() + " " + process.pid);
      await sleep(200);
    }
  },
});
const boom = op({ name: "boom", run: () => { throw new Error("boom"); } });
export const endless = job("endless", { hooks }, (g) => void g.call(stubborn));
export const failing = job("failing", { hooks }, (g) => void g.call(boom));
export const failed = runStatusSensor({
  name: "failed",
  statuses: ["FAILURE"],
  minimumIntervalSeconds: 1,
  defaultStatus: "RUNNING",
  run: ({ run }) => note("sensor", run.id),
});
`;

onBoth("A run's maximum runtime", { jobs: JOBS }, (cluster) => {
  const launch = async (): Promise<string> =>
    (await cluster().client.runs.launch({ job: "endless", tags: { "dagster/max_runtime": "3" } })).id;

  /** Times and process ids that the step has written. */
  const beats = (id: string): { at: number; pid: number }[] =>
    cluster()
      .lines(`beats.${id}`)
      .map((line) => line.split(" ").map(Number))
      .map(([at, pid]) => ({ at: at!, pid: pid! }));

  const expectFailed = async (id: string): Promise<Awaited<ReturnType<typeof outcome>>> => {
    const ended = await outcome(cluster(), id);
    const { run, steps, events } = ended;
    expect(run).toMatchObject({ status: "FAILURE", failure_reason: "MAX_RUNTIME" });
    expect(run.error!.message).toMatch(/max runtime of 3 s/);
    expect(ranMs(run)).toBeGreaterThanOrEqual(3_000);
    expect(steps.find(({ key }) => key === "stubborn")).toMatchObject({ status: "CANCELED", attempt: 1, lost: 0 });
    expect(events.filter(({ type }) => type === "RUN_FAILURE")).toHaveLength(1);

    // The step ignores its signal: its process goes with it, and the file grows no more.
    await eventually(() => !beats(id).some(({ pid }) => isAlive(pid)));
    // Left alone it would go on for a minute.
    expect(beats(id).at(-1)!.at - Date.parse(run.ended_at!)).toBeLessThan(30_000);
    await expectToldOnce(cluster(), id);
    return ended;
  };

  test("TIM-1: ends the run and its step, and hook and sensor hear of it once", async () => {
    await expectFailed(await launch());
  });

  test("TIM-1: is not renewed by a coordinator that takes over", async () => {
    const { processes, start } = cluster();
    const id = await launch();
    await eventually(() => beats(id).length > 1 && beats(id).at(-1)!.at - beats(id)[0]!.at > 2_000);
    const role = processes("dev").length > 0 ? "dev" : "daemon";
    const old = processes(role).at(-1)!;
    old.child.kill("SIGKILL");
    await old.ended();
    await start(role);
    const { run, events } = await expectFailed(id);
    // How soon another takes over is for a benchmark to say. A clock that was started anew would give it three seconds.
    const takenAt = Date.parse(events.find(({ type }) => type === "RUN_OWNER_CHANGED")!.at);
    expect(Date.parse(run.ended_at!) - takenAt).toBeLessThan(2_500);
  });
});

const ranMs = (run: Run): number => Date.parse(run.ended_at!) - Date.parse(run.started_at!);

/** A later failure has been told of, and so would have been a second telling of this one. */
const expectToldOnce = async (cluster: Cluster, id: string): Promise<void> => {
  const later = (await cluster.client.runs.launch({ job: "failing" })).id;
  for (const file of ["hook", "sensor"]) {
    await eventually(() => cluster.lines(file).includes(later));
    expect(cluster.lines(file).filter((line) => line === id)).toEqual([id]);
  }
};

/** A zombie has ended, though its parent has not looked yet. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
