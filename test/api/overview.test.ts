import type { WorkerBeat } from "../../core/messages";
import { fingerprintOf, ownFrame } from "../../services/http/overview/error-groups";
import { publishSensors } from "../../store/instigators";
import { job, op } from "../core/graphs";
import { addEvents } from "../support/add-events";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

const GRAIN_MS = 150_000;

const beat = (worker: string): WorkerBeat => ({
  ...{ worker, host: "h", pid: 1, seq: 1, queues: ["default"], slots: 4, busy: 1, processes: 4, concurrency: 1 },
  ...{ codeVersion: "v", ops: 3, startedAt: Date.now(), cpu: 0.5, rss: 1e8, holds: [], draining: false },
});

describe.each(DATABASES)("the overview on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let leave: () => void;
  /** Three successes, two failures, one under way, one queued. */
  const ids: string[] = [];
  /** Ten grains ago. */
  const start = Math.floor(Date.now() / GRAIN_MS) * GRAIN_MS - 10 * GRAIN_MS;
  let overview: any;

  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { maxConcurrentRuns: 1 });
    await world.publish(
      { ...job(op("a"), op("b")), job: "fx_load" },
      { ...job(op("a"), op("broken")), job: "fx_revalue" },
      { ...job(op("wait")), job: "report" },
      { ...job(op("a")), job: "idle" },
    );
    const left = new Promise<null>((resolve) => (leave = () => resolve(null)));
    let entered!: () => void;
    const waiting = new Promise<void>((resolve) => (entered = resolve));
    let failures = 0;
    world.ops = {
      broken: () => {
        throw new RangeError(`503 from ledger in ${++failures}7 ms`);
      },
      wait: () => {
        entered();
        return left;
      },
    };
    for (const name of ["fx_load", "fx_load", "fx_load", "fx_revalue", "fx_revalue"]) {
      ids.push(await world.launch({ job: name }));
      await world.ended(ids.at(-1)!);
    }
    ids.push(await world.launch({ job: "report" }));
    await waiting;
    ids.push(await world.launch({ job: "report" }));
    // Ended runs: created at the start of a grain, admitted there, two grains long; the last two a grain later.
    await world.db.query(
      `update runs set created_at = at, admitted_at = at, started_at = at, ended_at = at + interval '300 seconds'
       from unnest($1::uuid[], $2::timestamptz[]) as n (run, at) where id = n.run`,
      [ids.slice(0, 5), [0, 0, 0, 1, 1].map((grain) => new Date(start + grain * GRAIN_MS).toISOString())],
    );
    const sensor = { kind: "sensor" as const, jobs: ["report"], description: null, minimumIntervalSeconds: 30 };
    const watches = { defaultStatus: "RUNNING" as const, runStatuses: [], monitoredJobs: [] };
    await publishSensors(world.db, {
      codeVersion: "v",
      sensors: [
        { name: "fails", ...sensor, ...watches },
        { name: "off", ...sensor, ...watches, defaultStatus: "STOPPED" },
        { name: "works", ...sensor, ...watches },
      ],
    });
    await world.db.query(
      `insert into ticks (id, instigator, status, started_at, ended_at, error) values
         (gen_random_uuid(), 'fails', 'SKIPPED', '2026-01-01T10:00:00Z', now(), null),
         (gen_random_uuid(), 'fails', 'FAILURE', '2026-01-01T10:01:00Z', now(), '{"name": "Error", "message": "no door"}'),
         (gen_random_uuid(), 'fails', 'FAILURE', '2026-01-01T10:02:00Z', now(), '{"name": "Error", "message": "no door"}'),
         (gen_random_uuid(), 'works', 'SKIPPED', '2026-01-01T10:02:00Z', now(), null)`,
    );
    await world.bus.fanout<WorkerBeat>("beats").publish(beat("w1"));
    overview = (await world.call("GET", "/api/overview")).body;
  });
  afterAll(async () => {
    leave?.();
    await world?.stop();
    await database?.stop();
  });

  /** A series of 24 buckets with these values, by grains since `start`. */
  const series = (values: Record<number, number>): number[] => {
    const all = Array.from({ length: 24 }, () => 0);
    for (const [grain, value] of Object.entries(values))
      all[(start + Number(grain) * GRAIN_MS - Date.parse(overview.from)) / GRAIN_MS] = value;
    return all;
  };

  test("has 24 buckets, of which the last goes on", () => {
    expect(overview).toMatchObject({ range: "1h", bucket_seconds: 150 });
    expect(Date.parse(overview.to) - Date.parse(overview.from)).toBe(3_600_000);
    expect(Date.parse(overview.to)).toBeGreaterThan(Date.parse(overview.at));
    expect(Date.parse(overview.to) - GRAIN_MS).toBeLessThanOrEqual(Date.parse(overview.at));
  });

  test("counts ended runs by the time of their end, and live ones as they are now", () => {
    const { counts } = overview;
    expect(counts.success).toEqual({ count: 3, before: 0, spark: series({ 2: 3 }) });
    expect(counts.failure).toEqual({ count: 2, before: 0, spark: series({ 3: 2 }) });
    expect(counts.canceled).toEqual({ count: 0, before: 0, spark: series({}) });
    expect(counts.queued.count).toBe(1);
    expect(counts.queued.spark.at(-1)).toBe(1);
    expect(counts.started.count).toBe(1);
    expect(counts.started.spark.slice(0, 23)).toEqual(series({ 0: 3, 1: 5, 2: 2 }).slice(0, 23));
    expect(counts.started.spark.at(-1)).toBe(1);
  });

  test("spreads steps over the time in which their run went on", () => {
    // Three runs of two steps, over three grains; two runs of one success and one failure, a grain later.
    const perSecond = (steps: number): number => Math.round((steps / 150) * 100) / 100;
    expect(overview.steps.succeeded_per_second).toEqual(
      series({ 0: perSecond(2), 1: perSecond(2 + 2 / 3), 2: perSecond(2 + 2 / 3), 3: perSecond(2 / 3) }),
    );
    expect(overview.steps.failed_per_second).toEqual(
      series({ 1: perSecond(2 / 3), 2: perSecond(2 / 3), 3: perSecond(2 / 3) }),
    );
  });

  test("shows failing jobs, then busy ones, with their runs as bars", () => {
    const { total, failing, items } = overview.jobs;
    expect([total, failing]).toEqual([4, 1]);
    expect(
      items.map(({ job: name, failing, runs, failures, queued, started }: any) => [
        ...[name, failing, runs, failures, queued, started],
      ]),
    ).toEqual([
      ["fx_revalue", true, 2, 2, 0, 0],
      ["fx_load", false, 3, 0, 0, 0],
      ["report", false, 2, 0, 1, 1],
      ["idle", false, 0, 0, 0, 0],
    ]);
    expect(items[1]).toMatchObject({
      ended: 3,
      succeeded: 3,
      failed: 0,
      p50_ms: 300_000,
      p95_ms: 300_000,
      more: false,
    });
    expect(items[0].bars.id).toEqual([...ids.slice(3, 5)].sort());
    expect(items[0].bars.status).toEqual(["FAILURE", "FAILURE"]);
    expect(items[0].bars.ended_at).toEqual(Array(2).fill(new Date(start + 3 * GRAIN_MS).toISOString()));
    expect(items[2].bars.ended_at).toEqual([null, null]);
    expect(items[2].sensors.map(({ name, status, failing }: any) => [name, status, failing])).toEqual([
      ["fails", "RUNNING", true],
      ["off", "STOPPED", false],
      ["works", "RUNNING", false],
    ]);
  });

  test("groups failures by what went wrong, whatever the numbers in their messages", () => {
    const { items, more, complete } = overview.failing;
    expect([items.length, more, complete]).toEqual([1, false, true]);
    expect(items[0]).toMatchObject({
      type: "RangeError",
      steps: 2,
      runs: 2,
      failed_runs: 2,
      jobs: ["fx_revalue"],
      frame: null,
    });
    expect(items[0].message).toMatch(/^503 from ledger in [12]7 ms$/);
    expect(items[0].spark.reduce((sum: number, one: number) => sum + one)).toBe(2);
    expect(items[0].latest_run_id).toBe(ids[4]);
  });

  test("says what comes next, failing sensors first and since when they fail", () => {
    expect(overview.next_ticks.map(({ name, failing_since, error }: any) => [name, failing_since, error])).toEqual([
      ["fails", "2026-01-01T10:01:00.000Z", "no door"],
      ["works", null, null],
    ]);
  });

  test("tells of the platform, and which rule the verdict comes from", () => {
    const { platform, verdict, backlog } = overview;
    expect(platform.coordinators).toEqual({ live: 1, known: 1, shards: 8, shards_without_owner: 0 });
    expect(platform.workers).toEqual({ live: 1, slots: 4, busy: 1, draining: 0, lost: [] });
    expect(platform.sensors).toEqual({ nodes: 0, running: 2, stopped: 1, failing: 1 });
    expect(platform.database.latency_ms).toBeGreaterThan(0);
    expect(platform.problems).toEqual(["No daemon evaluates sensors: they launch nothing."]);
    expect(verdict).toMatchObject({
      rule: "platform_down",
      failing_jobs: ["fx_revalue"],
      failing_jobs_total: 1,
      failed_runs: 2,
      main_error: { type: "RangeError", runs: 2 },
      lost_workers: [],
    });
    expect(backlog).toEqual([
      {
        ...{ name: "default", queued: 1, held_back: 0, running: 0, up_for_retry: 0, workers: 1, slots: 4, busy: 1 },
        ...{ growth_per_second: null, drained_in_seconds: null },
      },
    ]);
  });

  test("a broker that does not answer keeps neither it nor the queues waiting: what it would have told is absent", async () => {
    let answer!: (depth: { messages: number; consumers: number }) => void;
    const silent = jest.spyOn(world.bus, "queueDepth").mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const { body: seen } = await world.call("GET", "/api/overview?range=24h");
    expect(seen.platform.broker.latency_ms).toBeNull();
    const { body: queues } = await world.call("GET", "/api/queues");
    expect(queues.items).toMatchObject([{ name: "default", messages: null }]);
    silent.mockRestore();
    answer({ messages: 0, consumers: 0 }); // its coordinator waits for it, too
  });

  test("a second look adds what has ended since, and other ranges agree", async () => {
    leave();
    await world.ended(ids[5]!);
    const { body: day } = await world.call("GET", "/api/overview?range=24h");
    expect(day).toMatchObject({ range: "24h", bucket_seconds: 3_600 });
    expect(day.counts.success.count).toBeGreaterThanOrEqual(4);
    expect(day.counts.failure.count).toBe(2);
    expect((await world.call("GET", "/api/overview?range=2h")).body.code).toBe("INVALID_PARAMETER");
  });

  test("what failed runs end in is told of failed runs alone, whatever goes wrong in others", async () => {
    const elsewhere = { name: "TypeError", message: "no rows" };
    const here = { name: "RangeError", message: "503 from ledger in 37 ms" };
    for (const run of ids.filter((_, i) => i !== 3 && i !== 4))
      await addEvents(world.db, run, [
        { seq: 1_001, type: "STEP_FAILURE", step: "x", data: { error: elsewhere } },
        { seq: 1_002, type: "STEP_FAILURE", step: "y", data: { error: here } },
      ]);
    const { failing, verdict } = (await world.call("GET", "/api/overview?range=6h")).body;
    expect(failing.items.map(({ type, runs, failed_runs }: any) => [type, runs, failed_runs])).toEqual([
      ["RangeError", 7, 2],
      ["TypeError", 5, 0],
    ]);
    expect(verdict).toMatchObject({ failed_runs: 2, main_error: { type: "RangeError", runs: 2 } });
  });
});

describe("what errors have in common", () => {
  const stack = [
    "UpstreamError: 503",
    "    at fetch (node:internal/deps/undici/undici:12:3)",
    "    at post (/app/node_modules/got/index.js:1:2)",
    "    at postEntry (/app/jobs/ledger.ts:48:13)",
    "    at run (/app/jobs/job_007.ts:31:20)",
  ].join("\n");

  test("the place is the first frame of the user's own code", () => {
    expect(ownFrame(stack)).toBe("postEntry (/app/jobs/ledger.ts:48:13)");
    expect(ownFrame("Error: no\n    at node:internal/timers:1:1")).toBeNull();
    expect(ownFrame(undefined)).toBeNull();
  });

  test("numbers, ids and lines do not part them; type, words and function do", () => {
    const of = (name: string, message: string, at = stack): string => fingerprintOf({ name, message, stack: at });
    const one = of("UpstreamError", "run 0198f3c2-7d41-7abc-8000-0123456789ab took 1,104 ms");
    expect(of("UpstreamError", "run 0198f3c5-0000-7abc-9000-ba9876543210 took 7 ms")).toBe(one);
    expect(
      of("UpstreamError", "run 0198f3c2-7d41-7abc-8000-0123456789ab took 1,104 ms", stack.replace("48", "49")),
    ).toBe(one);
    expect(of("TimeoutError", "run 0198f3c2-7d41-7abc-8000-0123456789ab took 1,104 ms")).not.toBe(one);
    expect(of("UpstreamError", "no run took 1,104 ms")).not.toBe(one);
    expect(of("UpstreamError", "run 1 took 2 ms", stack.replace("postEntry", "readEntry"))).not.toBe(one);
  });
});
