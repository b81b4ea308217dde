import type { StepStatus } from "../../core/status";
import { collect, generator, item, job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { items, startWorld, type World } from "./world";
import { addEvents } from "../support/add-events";

describe.each(DATABASES)("a run's timeline on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let run: string;
  const START = Date.parse("2026-01-01T10:00:00Z");

  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish(
      job(
        generator("gen"),
        op("work", { over: ["gen"], in: [item("gen")] }),
        op("sum", { in: [collect("work")] }),
        op("side"),
      ),
    );
    world.ops = {
      gen: () => items(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [String(n), n]))),
      work: ({ path }) => {
        if (path[0] === "7") throw new RangeError("seven");
        return null;
      },
    };
    run = await world.launch({ job: "demo" });
    await world.ended(run);
    // gen runs for 1 s; work[n] is ready then, starts at 1 s + n × 100 ms on w0 or w1 and takes 500 ms, [3] takes 4 s.
    await setRun(`created_at = $2, started_at = $2, ended_at = $2 + interval '6 s'`);
    await setSteps(
      `ready_at = $2, queued_at = $2, started_at = $2, ended_at = $2 + interval '1 s', worker = 'w0'`,
      "node in ('gen', 'side')",
    );
    await setSteps(
      `ready_at = $2 + interval '1 s', queued_at = $2 + interval '1 s', worker = 'w' || (path->>0)::int % 2,
       slot = '1.' || (path->>0)::int % 4 + 1,
       started_at = $2 + interval '1 s' + (path->>0)::int * interval '100 ms',
       ended_at = $2 + interval '1500 ms' + (path->>0)::int * interval '100 ms' + case when path->>0 = '3' then 3500 else 0 end * interval '1 ms'`,
      "node = 'work'",
    );
    // sum was skipped, since work[7] failed.
    await setSteps(`ended_at = $2 + interval '5300 ms'`, "node = 'sum'");
    const retried = {
      started_at: START + 1_100,
      worker: "w9",
      slot: "2.1",
      attempt: 2,
      error: { name: "E", message: "m" },
    };
    const lost = { started_at: START + 1_250, worker: "w8", lost: 1 };
    await addEvents(world.db, run, [
      { seq: 9000, at: START + 1_050, type: "STEP_QUEUED", step: "work[5]", data: {} },
      { seq: 9001, at: START + 1_200, type: "STEP_UP_FOR_RETRY", step: "work[5]", data: retried },
      { seq: 9002, at: START + 1_300, type: "STEP_LOST", step: "work[5]", data: lost },
      { seq: 9003, at: START + 2_000, type: "RUN_OWNER_CHANGED", data: { owner: "c2" } },
      { seq: 9004, at: START + 1_400, type: "STEP_QUEUED", step: "work[5]", data: {} },
    ]);
    await world.db.query(`update steps set attempt = 2, lost = 1 where run_id = $1 and step = 'work[5]'`, [run]);
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  const setRun = (changes: string) =>
    world.db.query(`update runs set ${changes} where id = $1 and $2::timestamptz is not null`, [
      run,
      new Date(START).toISOString(),
    ]);
  const setSteps = (changes: string, where: string) =>
    world.db.query(`update steps set ${changes.replaceAll("$2", "$2::timestamptz")} where run_id = $1 and ${where}`, [
      run,
      new Date(START).toISOString(),
    ]);
  const get = async (path = ""): Promise<any> => {
    const { status, body } = await world.call("GET", `/api/runs/${run}/timeline${path}`);
    expect([status, body]).toEqual([200, body]);
    return body;
  };

  test("groups are counted by status, with times since the run's creation", async () => {
    const { groups, now_ms, run: head } = await get();
    expect([head.id, head.status, now_ms]).toEqual([run, "FAILURE", 6_000]);
    expect(groups).toEqual({
      node: ["gen", "work", "sum", "side"],
      mapped: [false, true, false, false],
      count: [1, 20, 1, 1],
      held_back: [0, 0, 0, 0],
      counts: { SUCCESS: [1, 19, 0, 1], FAILURE: [0, 1, 0, 0], SKIPPED: [0, 0, 1, 0] },
      retried: [0, 1, 0, 0],
      lost: [0, 1, 0, 0],
      p50_ms: [1_000, 500, null, 1_000],
      p95_ms: [1_000, 4_000, null, 1_000],
      max_ms: [1_000, 4_000, null, 1_000],
      start: [0, 1_000, expect.any(Number), 0],
      end: [1_000, 5_300, 5_300, 1_000],
    });
  });

  test("of a large group come a strip and the steps worth a row, each with its reason", async () => {
    const { steps, reasons, strips, steps_complete, slots } = await get();
    expect(steps_complete).toBe(false);
    expect(reasons).toEqual({ "work[7]": "failed", "work[3]": "slowest", "work[0]": "slowest" });
    expect(steps.key).toEqual(["gen", "work[7]", "work[3]", "work[0]", "sum", "side"]);
    expect(steps.started).toEqual([0, 1_700, 1_300, 1_000, null, 0]);
    expect(steps.error[1]).toBe("RangeError: seven");
    expect(strips.map(({ node, from_ms, to_ms }: any) => [node, from_ms, to_ms])).toEqual([["work", 0, 6_000]]);
    const slotSeconds = (values: number[]): number =>
      Math.round(values.reduce((sum, used) => sum + used, 0) * (6 / values.length) * 10) / 10;
    expect(slotSeconds(strips[0].slots.SUCCESS)).toBeCloseTo(18 * 0.5 + 4, 0);
    expect(slotSeconds(strips[0].slots.FAILURE)).toBe(0.5);
    expect(slotSeconds(slots.used)).toBeCloseTo(18 * 0.5 + 4 + 0.5 + 2, 0);
  });

  test("the critical path is what the end waited for, with the waiting before each step", async () => {
    const { critical_path } = await get();
    expect(critical_path).toEqual([
      { key: "gen", from: 0, started: 0, to: 1_000 },
      { key: "work[3]", from: 1_000, started: 1_300, to: 5_300 },
    ]);
  });

  test("workers tell what they did for the run; losses and take-overs are marks", async () => {
    const { by_worker, markers } = await get();
    expect(by_worker).toEqual({
      worker: ["w1", "w0"],
      steps: [10, 12],
      busy_ms: [8_500, 7_000],
      first: [1_100, 0],
      last: [5_300, 3_300],
    });
    expect(markers).toEqual([
      { at_ms: 1_300, type: "STEP_LOST", owner: null, worker: "w8", steps: 1 },
      { at_ms: 2_000, type: "RUN_OWNER_CHANGED", owner: "c2", worker: null, steps: 0 },
    ]);
  });

  test("steps of a group or a window come in pages, sorted, with the attempts that they have behind them", async () => {
    const keys = async (query: string): Promise<string[]> => (await get(`/steps?${query}`)).steps.key;
    expect((await keys("node=work&limit=3&offset=9")).join()).toBe("work[9],work[10],work[11]");
    expect((await keys("node=work&sort=-started&limit=2")).join()).toBe("work[19],work[18]");
    expect((await keys("sort=-duration&limit=2")).join()).toBe("work[3],gen");
    expect((await keys("from_ms=3401&to_ms=3500")).join()).toBe("work[3]");
    expect((await keys("status=FAILURE&status=SKIPPED&sort=status")).join()).toBe("work[7],sum");
    expect((await keys("worker=w1&key=[1&sort=-key")).join()).toBe(
      "work[19],work[17],work[15],work[13],work[11],work[1]",
    );
    const page = await get("/steps?node=work&key=[5]");
    expect([page.total, page.workers, page.steps.attempt, page.steps.lost]).toEqual([1, ["w1"], [2], [1]]);
    expect(page.tries).toEqual({
      "work[5]": [
        [1_100, 1_200, "w9", "FAILURE"],
        [1_250, 1_300, "w8", "LOST"],
      ],
    });
    expect((await world.call("GET", `/api/runs/${run}/timeline/strip?from_ms=5&to_ms=5`)).body.code).toBe(
      "INVALID_PARAMETER",
    );
    const strip = await get("/strip?node=work&from_ms=1000&to_ms=2000&buckets=2");
    expect(strip).toMatchObject({ total: 20, slots: { FAILURE: [0, 0.6] } });
    expect((await world.call("GET", `/api/runs/${run.replace(/./, "f")}/timeline`)).body.code).toBe("RUN_NOT_FOUND");
  });

  test("all steps come at once as columns, what few of them have by their keys, and not again before something happens", async () => {
    const { steps, statuses, workers, slots, ...rest } = await get("/columns");
    expect([steps.key.length, steps.key.slice(0, 3)]).toEqual([23, ["gen", "side", "sum"]]);
    const at = steps.key.indexOf("work[5]");
    expect([statuses[steps.status[at]], steps.attempt[at], workers[steps.worker[at]]]).toEqual(["SUCCESS", 2, "w1"]);
    expect([steps.ready[at], steps.queued[at], steps.started[at], steps.ended[at]]).toEqual([
      1_000, 1_000, 1_500, 2_000,
    ]);
    expect([steps.started[2], steps.worker[2]]).toEqual([null, -1]);
    expect([slots.toSorted(), slots[steps.slot[at]], steps.slot[2]]).toEqual([["1.1", "1.2", "1.3", "1.4"], "1.2", -1]);
    expect((await world.call("GET", `/api/runs/${run}/steps/work[5]`)).body.slot).toBe("1.2");
    expect(rest).toMatchObject({
      ...{ created_at: new Date(START).toISOString(), now_ms: 6_000, lost: { "work[5]": 1 }, retry: {} },
      ...{ items: { gen: 20 }, errors: { "work[7]": { name: "RangeError", message: "seven" } } },
      takeovers: [{ at_ms: 2_000, owner: "c2" }],
    });
    const after = (seq: number) => world.call("GET", `/api/runs/${run}/timeline/columns?after=${seq}`);
    expect([(await after(rest.seq - 1)).status, (await after(rest.seq)).status]).toEqual([200, 204]);
  });

  test("takeovers of its shard while it went on are told, with what they came to", async () => {
    await world.db.query(
      `insert into takeovers (shard, epoch, at, owner, former, how, stalled_ms, runs, sent_again, had_begun)
       select shard, 8e15 + n, $2::timestamptz + n * interval '4 s', 'c2', 'c1', 'silent', 1250, case n when 1 then 4 end, 3, n
       from runs, generate_series(0, 2) n where id = $1`,
      [run, new Date(START).toISOString()],
    );
    const { status, body } = await world.call("GET", `/api/runs/${run}/takeovers`);
    expect(status).toBe(200);
    expect(
      body.items.map(({ epoch, stalled_ms, sent_again, had_begun }: any) => [epoch, stalled_ms, sent_again, had_begun]),
    ).toEqual([
      [8e15, null, 3, 0],
      [8e15 + 1, 1_250, 3, 1],
    ]);
    expect((await world.call("GET", `/api/runs/${run.replace(/./, "f")}/takeovers`)).body.code).toBe("RUN_NOT_FOUND");
  });

  test("attempts before the last ones are told with their dispatch, however long ago", async () => {
    const error = { name: "E", message: "m" };
    const of = (queued: number | null, started: number, ended: number) => ({ queued, started, ended });
    expect(await get("/tries")).toEqual({
      tries: {
        "work[5]": [
          { ...of(1_050, 1_100, 1_200), worker: "w9", slot: "2.1", outcome: "FAILURE", error },
          { ...of(null, 1_250, 1_300), worker: "w8", slot: null, outcome: "LOST", error: null },
        ],
      },
      complete: true,
    });
  });

  test("steps taken over from another run have no times here", async () => {
    world.ops.work = () => null;
    const { body } = await world.call("POST", `/api/runs/${run}/reexecute`, { from: "failure" });
    await world.ended(body.id);
    const { body: again } = await world.call("GET", `/api/runs/${body.id}/timeline/steps?key=work[1]`);
    expect([again.steps.reused, again.steps.started]).toEqual([[true], [null]]);
    const { body: timeline } = await world.call("GET", `/api/runs/${body.id}/timeline`);
    expect(timeline.critical_path.map(({ key }: any) => key)).toEqual(["work[7]", "sum"]);
  });

  test("of a run that goes on it is told how long its ops took in the job's last successes", async () => {
    const earlier = await world.launch({ job: "demo" });
    await world.ended(earlier);
    await world.db.query(
      `update steps set ended_at = started_at + case when node = 'work' then 2 else 1 end * interval '1 s' where run_id = $1`,
      [earlier],
    );
    let leave!: () => void;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const { gen } = world.ops;
    world.ops.gen = async () => {
      await left;
      return items({ 0: 0 });
    };
    const id = await world.launch({ job: "demo" });
    const { body } = await world.call("GET", `/api/runs/${id}/timeline/columns`);
    // What a re-execution took over from its parent took no time there, and does not count.
    expect(body.usual_ms).toMatchObject({ gen: 1_000, side: 1_000, work: 2_000 });
    leave();
    await world.ended(id);
    world.ops.gen = gen!;
  });

  test("a run of 5,000 steps that goes on is opened with less than 60 kB", async () => {
    const wide = await world.launch({ job: "demo" });
    await world.ended(wide);
    const statuses: StepStatus[] = ["SUCCESS", "SUCCESS", "STARTED", "QUEUED"];
    await world.db.query(
      `insert into steps (run_id, step, node, path, status, attempt, lost, fence, worker, queue, priority, ready_at, queued_at, started_at, ended_at)
       select $1, 'work[x' || n || ']', 'work', '[]', ($2::text[])[n % 4 + 1], 1, 0, n, 'worker-' || n % 150, 'default', 5, at, at,
              case when n % 4 < 3 then at end, case when n % 4 < 2 then at + interval '1 s' end
       from (select n, now() + n * interval '1 ms' as at from generate_series(1, 5000) n) s`,
      [wide, statuses],
    );
    await world.db.query(`update steps set items = 8000 where run_id = $1 and step = 'gen'`, [wide]);
    const { body } = await world.call("GET", `/api/runs/${wide}/timeline`);
    expect(body.groups.count[1]).toBe(5_020);
    // Items that wait with the run's owner have no step yet.
    expect(body.groups.held_back).toEqual([0, 2_980, 0, 0]);
    expect(Object.values(body.reasons).sort()).toEqual(["newest", "newest", "next", "slowest", "slowest"]);
    expect(JSON.stringify(body).length).toBeLessThan(60_000);
  });

  test("two runs are compared by config, node and key, the largest change first", async () => {
    world.ops.work = () => null;
    world.ops.gen = () => items({ 3: 3, 7: 7, new: 1 });
    const { body: again } = await world.call("POST", `/api/runs/${run}/reexecute`, { from: "start", config: { n: 2 } });
    await world.ended(again.id);
    await world.db.query(
      `update steps set started_at = $2, ended_at = $2::timestamptz + interval '500 ms' where run_id = $1`,
      [again.id, new Date(START).toISOString()],
    );
    const { body } = await world.call("GET", `/api/runs/${run}/compare/${again.id}`);
    expect(body.runs.map(({ id, status }: any) => [id, status])).toEqual([
      [run, "FAILURE"],
      [again.id, "SUCCESS"],
    ]);
    expect(body.config).toEqual([{ pointer: "/n", b: 2 }]);
    expect([body.matched, body.only, body.status_changed]).toEqual([5, [18, 1], 2]);
    expect(body.steps.map(({ key, status, change_ms }: any) => [key, ...status, change_ms])).toEqual([
      ["sum", "SKIPPED", "SUCCESS", null],
      ["work[7]", "FAILURE", "SUCCESS", 0],
      ["work[3]", "SUCCESS", "SUCCESS", -3_500],
      ["gen", "SUCCESS", "SUCCESS", -500],
      ["side", "SUCCESS", "SUCCESS", -500],
    ]);
    expect(body.nodes.find(({ node }: any) => node === "work")).toEqual({
      ...{ node: "work", count: [20, 3], p50_ms: [500, 500] },
    });
  });
});
