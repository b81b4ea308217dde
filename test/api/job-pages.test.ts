import { publishSensors } from "../../store/instigators";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { openTransaction } from "../store/world";
import { startWorld, type World } from "./world";

describe.each(DATABASES)("the pages of jobs on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let leave: () => void;
  let older: Awaited<ReturnType<typeof openTransaction>> | null = null;
  /** Three successes and a failure of one version of the code, a success and a queued run of the next. */
  const ids: string[] = [];
  const start = Date.now() - 3_600_000;

  beforeAll(async () => {
    database = await open();
    // Whatever else is open on the server, the figures are those of now.
    older = database.url ? await openTransaction(database.url) : null;
    await older?.within.query("select pg_current_xact_id()");
    world = await startWorld(database, { maxConcurrentRuns: 1 });
    const [load, wait] = [
      { ...job(op("a"), op("b")), job: "load" },
      { ...job(op("wait")), job: "wait" },
    ];
    await world.publish(load, wait);
    const left = new Promise<null>((resolve) => (leave = () => resolve(null)));
    let entered!: () => void;
    const waiting = new Promise<void>((resolve) => (entered = resolve));
    let fails = false;
    world.ops = {
      b: () => {
        if (fails) throw new Error("no");
        return null;
      },
      wait: () => {
        entered();
        return left;
      },
    };
    const run = async (): Promise<void> => {
      ids.push(await world.launch({ job: "load" }));
      await world.ended(ids.at(-1)!);
    };
    await run();
    await run();
    await run();
    fails = true;
    await run();
    await world.publish(
      { ...job(op("a"), op("b", { timeoutMs: 60_000 })), job: "load" },
      { ...job(op("a")), job: "never" },
    );
    fails = false;
    await run();
    await world.launch({ job: "wait" });
    await waiting;
    ids.push(await world.launch({ job: "load" }));
    await world.db.query(
      `update runs set created_at = at, started_at = at + waited * interval '1 ms',
         ended_at = case when ended_at is not null then at + (waited + took) * interval '1 ms' end
       from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[]) as n (run, at, waited, took)
       where id = n.run and (ended_at is not null or started_at is null)`,
      [
        ids.slice(0, 5),
        [0, 1, 2, 3, 4].map((minute) => new Date(start + minute * 60_000).toISOString()),
        [10, 20, 30, 40, 50],
        [1000, 3000, 2000, 500, 4000],
      ],
    );
    const common = {
      description: null,
      minimumIntervalSeconds: 60,
      defaultStatus: "RUNNING" as const,
      runStatuses: [],
    };
    await publishSensors(world.db, {
      codeVersion: "v",
      sensors: [
        { name: "feed", kind: "sensor", jobs: ["load"], monitoredJobs: [], ...common },
        { name: "watch", kind: "run_status_sensor", jobs: ["wait"], monitoredJobs: ["load"], ...common },
      ],
    });
  });
  afterAll(async () => {
    leave?.();
    await older?.end();
    await world?.stop();
    await database?.stop();
  });

  const get = async (path: string): Promise<any> => {
    const { status, body } = await world.call("GET", path);
    expect([status, body]).toEqual([200, body]);
    return body;
  };

  test("the list tells of each job its last runs, its success, its usual durations and what launches it", async () => {
    const { items } = await get("/api/jobs");
    expect(items.map(({ name }: any) => name)).toEqual(["load", "never", "wait"]);
    const [load, never, wait] = items;
    expect(load.last_runs).toEqual({
      id: ids,
      status: ["SUCCESS", "SUCCESS", "SUCCESS", "FAILURE", "SUCCESS", "QUEUED"],
      duration_ms: [1000, 3000, 2000, 500, 4000, null],
    });
    expect(load.figures).toEqual({
      ...{ ended: 5, succeeded: 4, failed: 1, p50_ms: 2000, p95_ms: 4000, waited_p50_ms: 30, steps_p50: 2 },
      last_status: "SUCCESS",
    });
    expect([load.runs_24h, load.queued, load.started]).toEqual([6, 1, 0]);
    expect([load.last_run.id, load.last_run.status, load.last_run.started_at]).toEqual([ids[5], "QUEUED", null]);
    expect(load.ops).toEqual(["a", "b"]);
    expect(load.triggers.map(({ name, launches, failing_since }: any) => [name, launches, failing_since])).toEqual([
      ["feed", true, null],
      ["watch", false, null],
    ]);
    expect(load.next_tick_at).toBe(load.triggers[0].next_tick_at);
    expect([never.last_run, never.figures.ended, never.runs_24h, never.next_tick_at]).toEqual([null, 0, 0, null]);
    expect([wait.started, wait.next_tick_at]).toEqual([1, null]);
  });

  test("a job's page tells waiting, steps and code of its last runs, and how each version fared", async () => {
    const load = await get("/api/jobs/load?runs=3");
    expect(load.last_runs).toMatchObject({
      id: ids.slice(3),
      duration_ms: [500, 4000, null],
      waited_ms: [40, 50, null],
      steps: [2, 2, 0],
      code_version: ["v-load-wait", "v-load-wait-never", "v-load-wait-never"],
    });
    expect(load.figures.ended).toBe(5);
    expect(load.figures_before.ended).toBe(0);
    expect(
      load.code_versions.map(({ code_version, runs, ended, succeeded, failed }: any) => [
        ...[code_version, runs, ended, succeeded, failed],
      ]),
    ).toEqual([
      ["v-load-wait-never", 2, 1, 1, 0],
      ["v-load-wait", 4, 4, 3, 1],
    ]);
    const none = { count: 0, names: [] };
    expect(load.code_versions.map(({ changes }: any) => changes)).toEqual([
      { added: none, removed: none, changed: { count: 1, names: ["b"] }, of_job: [] },
      null,
    ]);
    expect(load.code_versions_complete).toBe(true);
    expect(Date.parse(load.code_versions[0].first_published_at)).toBeGreaterThan(start);
    expect(load.graph.nodes.map(({ name }: any) => name)).toEqual(["a", "b"]);
    expect((await world.call("GET", "/api/jobs/load?runs=201")).body.code).toBe("INVALID_PARAMETER");
  });

  test("figures are of the last 50 ended runs, and of the 50 before", async () => {
    await world.db.query(
      `insert into runs (id, job, shard, status, config, graph_id, code_version, created_at, admitted_at, started_at, ended_at)
       select gen_random_uuid(), 'never', 0, 'SUCCESS', '{}', (select graph_id from runs limit 1), 'old', at, at, at,
              at + case when n <= 30 then 1 else 2 end * interval '1 s'
       from (select n, timestamptz '2026-01-01T00:00:00Z' + n * interval '1 min' as at from generate_series(1, 80) n) s`,
    );
    const { figures, figures_before } = await get("/api/jobs/never");
    expect([figures.ended, figures.p50_ms, figures_before.ended, figures_before.p95_ms]).toEqual([50, 2000, 30, 1000]);
  });
});
