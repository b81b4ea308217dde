import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../client";
import type { Cluster } from "../support/cluster";
import { eventually } from "../support/eventually";
import { happened, onBoth, outcome } from "./modes";

const JOBS = readFileSync(join(__dirname, "code/authoring.ts"), "utf8");
const QUEUES = ["default", "heavy"] as const;
/** One slot for each worker, so that there is an order to see. */
const settings = { DQUEUE_QUEUES: QUEUES.join(), DQUEUE_PROCESSES: "1", DQUEUE_CONCURRENCY: "1" };

/** Distributed each queue has a worker of its own; embedded the one process serves both. */
const startWorkers = async ({ place, rabbit, start }: Cluster): Promise<void> => {
  if (!rabbit) return void (await start("dev"));
  const starting = QUEUES.map((queue) => {
    place.env.DQUEUE_QUEUES = queue;
    return start("worker");
  });
  await Promise.all(starting);
};

const seqOf = (events: RunEvent[], type: string, step: string): number =>
  events.find((event) => event.type === type && event.step === step)!.seq;

/** A zombie has ended, though its parent has not looked yet. */
const isAlive = (pid: string): boolean => {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

onBoth("An author's first hour", { jobs: JOBS, settings, workers: 0 }, (cluster) => {
  const launch = async (job: string): Promise<string> => (await cluster().client.runs.launch({ job })).id;
  const outputOf = async (run: string, step: string) => (await cluster().client.runs.step(run, step)).outputs?.result;

  let first: Awaited<ReturnType<typeof outcome>>;
  beforeAll(async () => {
    if (cluster().rabbit) await startWorkers(cluster());
    first = await outcome(cluster(), await launch("first_hour"));
  });
  const statusOf = (key: string) => first.steps.find((step) => step.key === key)!;

  test("a failure that does not block is left out of a collect, which is read as a stream", async () => {
    expect(first.run).toMatchObject({ status: "SUCCESS", steps_failed: 1, error: null });
    expect(statusOf("measure[f3]")).toMatchObject({ status: "FAILURE", error: { message: "f3 cannot be read" } });
    expect(await outputOf(first.run.id, "sum")).toBe(0 + 10 + 20 + 40);
  });

  test("an output that is left out skips what reads it, and what reads that", async () => {
    for (const key of ["when_small", "behind_small"])
      expect(statusOf(key)).toMatchObject({ status: "SKIPPED", skip_reason: "NO_OUTPUT" });
    const skipped = first.events.filter(({ type }) => type === "STEP_SKIPPED");
    expect(skipped.map(({ step, data }) => [step, data?.skip_reason])).toEqual([
      ["when_small", "NO_OUTPUT"],
      ["behind_small", "NO_OUTPUT"],
    ]);
    expect(await outputOf(first.run.id, "when_large")).toBe("large: 70");
  });

  test("progress is told by events", () => {
    const told = first.events
      .filter(({ type }) => type === "STEP_PROGRESS")
      .map(({ step, data }) => ({ step, ...data }));
    expect(told).toContainEqual({ step: "files", fraction: 0.4, message: "two of five" });
    expect(told).toContainEqual({ step: "python", fraction: 0.5, message: "half" });
  });

  test("a value of 6 MB goes by a shared folder, and arrives whole", async () => {
    const value = "é".repeat(3_000_000);
    expect(await outputOf(first.run.id, "weigh")).toEqual({
      bytes: 6_000_000,
      sha256: createHash("sha256").update(value).digest("hex"),
    });
    const folder = join(cluster().place.folder, "values");
    const [file] = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
    expect(statSync(join(folder, file!)).size).toBe(6_000_002);
    expect(JSON.stringify(await outputOf(first.run.id, "bulk")).length).toBeLessThan(1_000);
  });

  test("a Python program takes its input, gives its output, and what it prints is its log", async () => {
    expect(await outputOf(first.run.id, "python")).toEqual({ twice: 140 });
    const { items } = await cluster().client.runs.logs(first.run.id, { step: "python" });
    const lines = items.map(({ stream, text }) => [stream, text]);
    expect(lines.sort()).toEqual([
      ["stderr", "careful"],
      ["stdout", "summing up 70"],
    ]);
  });

  test("g.after orders steps that hand nothing on", async () => {
    const { events } = first;
    expect(seqOf(events, "STEP_START", "report")).toBeGreaterThan(seqOf(events, "STEP_SUCCESS", "weigh"));
    expect(await outputOf(first.run.id, "report")).toBe(140);
  });

  test("hooks of ops and jobs hear of success and of failure, once", async () => {
    const { lines } = cluster();
    await eventually(() => lines("job_hooks").length > 0);
    const doomed = await outcome(cluster(), await launch("doomed"));
    expect(doomed.run.status).toBe("FAILURE");
    await eventually(() => lines("job_hooks").length > 1);
    expect(lines("job_hooks")).toEqual([`success ${first.run.id}  null`, 'failure broken The step "broken" failed.']);
    expect(lines("op_hooks").sort()).toEqual([
      "broken out of paper",
      'measure[f0] {"result":0}',
      'measure[f1] {"result":10}',
      'measure[f2] {"result":20}',
      "measure[f3] f3 cannot be read",
      'measure[f4] {"result":40}',
    ]);
    expect(first.count("HOOK_COMPLETED", "measure[f0]")).toBe(1);
  });

  test("each queue is served by its own worker", async () => {
    const workerOf = (key: string) => statusOf(key).worker;
    expect([statusOf("bulk").queue, statusOf("sum").queue]).toEqual(["heavy", "default"]);
    expect(workerOf("bulk")).toBe(workerOf("weigh"));
    if (!cluster().rabbit) return;
    expect(workerOf("bulk")).not.toBe(workerOf("sum"));
    const { items } = await cluster().client.workers.list();
    expect(items.find(({ id }) => id === workerOf("bulk"))).toMatchObject({ queues: ["heavy"] });
    expect(items.find(({ id }) => id === workerOf("sum"))).toMatchObject({ queues: ["default"] });
  });

  test("what waits for a slot goes by priority", async () => {
    const { lines, place } = cluster();
    const gate = await launch("gate");
    await happened(cluster(), gate, "STEP_START");
    const ranked = await launch("ranked");
    let queued = 0;
    const allQueued = new AbortController();
    await cluster()
      .client.runs.wait(ranked, ({ type }) => void (type === "STEP_QUEUED" && ++queued === 6 && allQueued.abort()), {
        signal: allQueued.signal,
      })
      .catch(() => {});
    expect(queued).toBe(6);
    place.write("open", "");
    expect((await outcome(cluster(), ranked)).run.status).toBe("SUCCESS");
    expect(lines("ranked").map((key) => key.slice(0, 2))).toEqual(["p9", "p9", "p5", "p5", "p1", "p1"]);
  });

  test("a cancel ends a program with all that it has started", async () => {
    const { client, lines } = cluster();
    const id = await launch("lasting");
    await eventually(() => lines("pids").length === 2);
    expect(lines("pids").map(isAlive)).toEqual([true, true]);
    await client.runs.cancel(id);
    const { run, steps } = await outcome(cluster(), id);
    expect(run.status).toBe("CANCELED");
    expect(steps).toMatchObject([{ key: "lasting", status: "CANCELED" }]);
    await eventually(() => !lines("pids").some(isAlive));
    const { items } = await client.runs.logs(id, { step: "lasting" });
    expect(items.map(({ text }) => text)).toEqual(["waiting"]);
  });

  test("a resource is made once in a step process, and torn down with it", async () => {
    const { lines, processes, rabbit } = cluster();
    const made = lines("ledger").filter((line) => line.startsWith("up "));
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made).size).toBe(made.length);
    expect(lines("ledger").filter((line) => line.startsWith("down "))).toEqual([]);
    const old = processes(rabbit ? "worker" : "dev");
    for (const { child } of old) child.kill("SIGTERM");
    for (const running of old) expect((await running.ended()).code).toBe(0);
    const torn = lines("ledger").filter((line) => line.startsWith("down "));
    expect(torn.sort()).toEqual(made.map((line) => line.replace("up", "down")).sort());
    await startWorkers(cluster());
  });
});
