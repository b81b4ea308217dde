import { stopAtOnce } from "../cli/command";
import { type Cluster, embedded } from "../support/cluster";
import { halfRequest } from "../support/half-request";
import { COUNTED_JOBS } from "./jobs";

let cluster: Cluster;
beforeAll(async () => void (cluster = await embedded({ jobs: COUNTED_JOBS, settings: { DQUEUE_CONCURRENCY: "4" } })));
afterAll(() => cluster?.stop());

test("Node alone, killed amid a run and again amid its next life: the run goes on, each step recorded once", async () => {
  const { client, processes, start, lines } = cluster;
  const { id } = await client.runs.launch({ job: "fan", config: { n: 120, ms: 60 } });
  const succeeded: string[] = [];
  const beforeTheLastKill: string[] = [];
  let ends = 0;
  const restarts: Promise<unknown>[] = [];
  // Across its lives: the client comes back behind the last event that it has seen.
  const run = await client.runs.wait(id, ({ type, step }) => {
    if (type !== "STEP_SUCCESS") return;
    succeeded.push(step!);
    if (++ends !== 20 && ends !== 70) return;
    beforeTheLastKill.splice(0, Infinity, ...succeeded);
    const dev = processes("dev").at(-1)!;
    dev.child.kill("SIGKILL");
    restarts.push(dev.ended().then(() => start("dev")));
  });
  await Promise.all(restarts);
  expect([run.status, restarts.length]).toEqual(["SUCCESS", 2]);
  expect([succeeded.length, new Set(succeeded).size]).toEqual([122, 122]);
  expect((await client.runs.step(id, "total")).outputs!.result).toEqual(Array.from({ length: 120 }, (_, i) => i));
  // What was in hand at a kill, or had ended and was not recorded yet, runs once more; what was recorded never does.
  const executed = lines("executions")
    .map((line) => line.split(" "))
    .filter(([of]) => of === id)
    .map(([, step]) => step!);
  expect(new Set(executed).size).toBe(122);
  const again = executed.filter((step, i) => executed.indexOf(step) !== i);
  expect(again.filter((step) => beforeTheLastKill.includes(step) && step !== "keys")).toEqual([]);
});

test("a second Ctrl-C ends Node alone at once, whatever its stop waits for; the next start goes on", async () => {
  const { client, url, processes, start } = cluster;
  const { id } = await client.runs.launch({ job: "fan", config: { n: 60, ms: 60 } });
  const begun = new AbortController();
  await client.runs
    .wait(id, ({ type }) => void (type === "STEP_SUCCESS" && begun.abort()), { signal: begun.signal })
    .catch(() => expect(begun.signal.aborted).toBe(true));
  const half = await halfRequest(url);
  expect(await stopAtOnce(processes("dev").at(-1)!, "SIGINT")).toBe(130);
  half.destroy();
  await start("dev");
  expect((await client.runs.wait(id)).status).toBe("SUCCESS");
  const lost = [];
  for await (const step of client.runs.allSteps(id)) lost.push(step.lost);
  expect(new Set(lost)).toEqual(new Set([0]));
});
