/**
 * Retries (A13–A15), idempotency, cancels and deadlines (B1, B2, B6, B9), and a retry loop whose server is killed (of
 * B16), end to end. Held elsewhere:
 * - B1, B4, many at once with one key, also once the run has failed and while a server is killed: test/cases/api.test.ts
 *   (API-2, both modes); the same of two web servers: test/api/launch.test.ts;
 * - B2, another namespace: a namespace is an installation with a database of its own, so nothing is shared;
 * - B3, a key is free again after 24 hours, the period that the API states: test/api/launch.test.ts (both databases);
 * - B5, paging with equal times, while runs come and go: test/api/lists.test.ts and test/cases/api.test.ts (API-1);
 * - B6, a run that is still in the queue, and cancels at any moment: test/cases/cancellation.test.ts (CAN-1, both modes);
 * - B7, reports of a stale fence or of another owner: test/cluster/duplicates.test.ts (distributed: embedded nobody else
 *   can report);
 * - B8, a worker that is killed, B10, fifty steps in a row under kills: test/cluster/attacks.test.ts, and embedded
 *   test/cluster/embedded-kill.test.ts;
 * - B11, B13, B15: fan-outs.test.ts beside this file; B12: branches.test.ts;
 * - B14, deliveries and reports that come twice: test/cluster/duplicates.test.ts.
 */
import { join } from "node:path";
import { happened, onBoth, outcome } from "../cases/modes";
import { eventually } from "../support/eventually";

const JOBS = `export * from ${JSON.stringify(join(__dirname, "code/durability"))};`;
const SLOTS = 4;
const HOUR = 3_600_000;

onBoth("What is durable", { jobs: JOBS, settings: { DQUEUE_CONCURRENCY: `${SLOTS}` } }, (cluster) => {
  const launch = async (job: string, tags = {}): Promise<string> =>
    (await cluster().client.runs.launch({ job, tags })).id;
  const run = async (job: string, tags = {}) => outcome(cluster(), await launch(job, tags));
  /** Of each try of a step: when it was executed. */
  const tries = (id: string, step = "fails"): number[] =>
    cluster()
      .lines(id)
      .map((line) => line.split(" "))
      .filter(([key]) => key === step)
      .map(([, , at]) => Number(at));

  test.each([
    ["retries_none", 0],
    ["retries_default", 1],
    ["retries_two", 2],
    ["retries_requested", 3],
  ])("A13: %s is tried again %i times, and fails once", async (job, retries) => {
    const { run: ended, steps, count } = await run(job);
    expect(ended.status).toBe("FAILURE");
    expect(["STEP_START", "STEP_UP_FOR_RETRY", "STEP_RESTARTED", "STEP_FAILURE"].map((type) => count(type))).toEqual([
      ...[1, retries, retries, 1],
    ]);
    expect(steps).toMatchObject([{ key: "fails", status: "FAILURE", attempt: retries + 1, lost: 0 }]);
    expect(tries(ended.id)).toHaveLength(retries + 1);
  });

  test("A14: delays are fixed, linear or exponential, jitter stays in its bounds, and none is cut short", async () => {
    const jobs = ["fixed", "linear", "exponential", "full_jitter", "plus_minus_jitter"];
    const delays: Record<string, number[]> = {};
    const retry = async (name: string): Promise<void> => {
      const { run: ended, events } = await run(`delay_${name}`);
      const parked = events.filter(({ type }) => type === "STEP_UP_FOR_RETRY");
      const due = parked.map(({ data }) => Date.parse(data!.retry_at as string));
      delays[name] = due.map((at, i) => at - Date.parse(parked[i]!.at));
      const [, ...again] = tries(ended.id);
      expect([name, again.length, again.every((at, i) => at >= due[i]!)]).toEqual([name, due.length, true]);
    };
    await Promise.all(jobs.map(retry));
    expect(delays).toMatchObject({ fixed: [300, 300], linear: [100, 200, 300], exponential: [100, 300, 700] });
    const { full_jitter: full, plus_minus_jitter: plusMinus } = delays as Record<string, number[]>;
    expect(full!.every((delay) => delay >= 0 && delay <= 100)).toBe(true);
    expect(new Set(full).size).toBeGreaterThan(1);
    plusMinus!.forEach((delay, i) => expect(Math.abs(delay - 50 * (i + 1))).toBeLessThanOrEqual(50));
  });

  test("A15: the call's policy wins over the op's, and that over the job's", async () => {
    const { run: ended } = await run("retry_precedence");
    const counts = ["of_job", "of_op", "of_call", "of_call_none"].map((step) => tries(ended.id, step).length - 1);
    expect(counts).toEqual([1, 2, 3, 0]);
  });

  test("B1: an idempotency key gives the first run again, also once that has succeeded, failed or been canceled", async () => {
    const { client } = cluster();
    for (const [job, status] of [
      ["passing", "SUCCESS"],
      ["retries_none", "FAILURE"],
      ["waiting", "CANCELED"],
    ] as const) {
      const keyed = { idempotencyKey: `b1-${job}` };
      const { id } = await client.runs.launch({ job }, keyed);
      expect((await client.runs.launch({ job }, keyed)).id).toBe(id);
      if (status === "CANCELED") await client.runs.cancel(id);
      expect((await client.runs.wait(id)).status).toBe(status);
      expect(await client.runs.launch({ job }, keyed)).toMatchObject({ id, status });
      expect(
        (await client.runs.list({ job, created_after: "2026-01-01T00:00:00Z" })).items.filter((one) => one.id === id),
      ).toHaveLength(1);
      if (job === "passing") expect(cluster().lines(id)).toEqual(["pass"]);
    }
  });

  test("B2: the same key for another job, and no key, are runs of their own", async () => {
    const { client } = cluster();
    const keyed = { idempotencyKey: "b2" };
    const runs = [
      await client.runs.launch({ job: "passing" }, keyed),
      await client.runs.launch({ job: "passing_too" }, keyed),
      await client.runs.launch({ job: "passing" }),
      await client.runs.launch({ job: "passing" }),
    ];
    expect(new Set(runs.map(({ id }) => id)).size).toBe(4);
    for (const { id } of runs) expect((await client.runs.wait(id)).status).toBe("SUCCESS");
  });

  test("B6: what runs, is parked or stands in a worker's queue is canceled; a second cancel answers the same", async () => {
    const { client, lines } = cluster();
    const running = await Promise.all(Array.from({ length: SLOTS }, () => launch("waiting")));
    await eventually(() => running.every((id) => lines(id).length === 1));
    const queued = await launch("waiting");
    await happened(cluster(), queued, "STEP_QUEUED");
    // Its slot is taken by no step that runs: those that wait hold them all.
    expect(await client.runs.cancel(queued)).toMatchObject({ id: queued });
    expect((await outcome(cluster(), queued)).steps).toMatchObject([{ status: "CANCELED", started_at: null }]);
    for (const id of running) await client.runs.cancel(id);

    const parked = await launch("parked");
    await happened(cluster(), parked, "STEP_UP_FOR_RETRY");
    await client.runs.cancel(parked);
    for (const id of [queued, ...running, parked]) {
      const { run: ended, steps, count } = await outcome(cluster(), id);
      expect(ended.status).toBe("CANCELED");
      expect(steps).toMatchObject([{ status: "CANCELED" }]);
      expect([count("RUN_CANCELING"), count("RUN_CANCELED")]).toEqual([1, 1]);
      const { cancel_requested_at } = await client.runs.cancel(id);
      expect(await client.runs.cancel(id)).toEqual({ id, status: "CANCELED", cancel_requested_at });
    }
    // Behind it in the queue: so it has come, and was not performed.
    expect((await run("passing")).run.status).toBe("SUCCESS");
    expect(lines(queued)).toEqual([]);
    expect(tries(parked)).toHaveLength(1);
  });

  test("B6: a run that has ended otherwise, or is not known, is not canceled", async () => {
    const { client } = cluster();
    for (const job of ["passing", "retries_none"]) {
      const { run: ended } = await run(job);
      await expect(client.runs.cancel(ended.id)).rejects.toMatchObject({ status: 409, code: "RUN_ENDED" });
      expect(await client.runs.get(ended.id)).toEqual(ended);
    }
    const unknown = "0198f3c2-7d41-7000-8000-000000000000";
    await expect(client.runs.cancel(unknown)).rejects.toMatchObject({ status: 404, code: "RUN_NOT_FOUND" });
  });

  test("B9: a run whose start has a limit fails in the queue without a start", async () => {
    const { run: ended, steps, count } = await run("unserved", { "dqueue/start_timeout": "1" });
    expect(ended).toMatchObject({ status: "FAILURE", failure_reason: "START_TIMEOUT", started_at: null });
    expect(Date.parse(ended.ended_at!) - Date.parse(ended.created_at)).toBeGreaterThanOrEqual(1_000);
    expect(steps).toMatchObject([{ status: "CANCELED", started_at: null }]);
    expect([count("STEP_START"), cluster().lines(ended.id)]).toEqual([0, []]);
  });

  test("B9: a retry that would come after the run's deadline is none", async () => {
    const { run: ended, count } = await run("parked", { "dagster/max_runtime": "60" });
    expect(ended).toMatchObject({ status: "FAILURE", failure_reason: "STEP_FAILURE" });
    expect([count("STEP_UP_FOR_RETRY"), count("STEP_FAILURE"), tries(ended.id).length]).toEqual([0, 1, 1]);
    const patient = await launch("parked", { "dagster/max_runtime": `${(2 * HOUR) / 1000}` });
    await happened(cluster(), patient, "STEP_UP_FOR_RETRY");
    await cluster().client.runs.cancel(patient);
    expect((await outcome(cluster(), patient)).run.status).toBe("CANCELED");
  });

  test("B16: a step in a retry loop keeps its count although its server is killed twice", async () => {
    const { client, processes, start } = cluster();
    const id = await launch("stubborn");
    const role = processes("dev").length > 0 ? "dev" : "daemon";
    const attempts: unknown[] = [];
    let restarts = 0;
    let restarted: Promise<unknown> = Promise.resolve();
    // The one before it may have taken the run over and not yet have said that it is ready.
    const restart = async (): Promise<void> => {
      const server = processes(role).at(-1)!;
      server.child.kill("SIGKILL");
      await server.ended();
      await start(role);
    };
    const ended = await client.runs.wait(id, ({ type, data }) => {
      if (type !== "STEP_UP_FOR_RETRY") return;
      attempts.push(data!.attempt);
      if (++restarts <= 2) restarted = restarted.then(restart);
    });
    await restarted;
    expect([ended.status, attempts]).toEqual(["FAILURE", [2, 3, 4]]);
    expect(
      cluster()
        .lines(id)
        .map((line) => line.split(" ").slice(0, 2).join(" ")),
    ).toEqual([...[1, 2, 3, 4].map((attempt) => `fails ${attempt}`)]);
    expect(await client.runs.step(id, "fails")).toMatchObject({ status: "FAILURE", attempt: 4, lost: 0 });
  });
});
