import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

class UpstreamError extends Error {
  override readonly name = "UpstreamError";
}

describe.each(DATABASES)("runs as the pages ask for them, on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  /** Ids in the order of their creation: three successes, two failures, a re-execution, one under way, one queued. */
  const ids: string[] = [];
  let leave: () => void;

  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { maxConcurrentRuns: 1 });
    await world.publish(
      { ...job(op("a")), job: "fx_load" },
      { ...job(op("a"), op("broken")), job: "fx_revalue" },
      { ...job(op("wait")), job: "report" },
    );
    const left = new Promise<null>((resolve) => (leave = () => resolve(null)));
    let entered!: () => void;
    const waiting = new Promise<void>((resolve) => (entered = resolve));
    let failures = 0;
    world.ops = {
      broken: () => {
        if (++failures === 2) throw new TypeError("no 7 of 9");
        throw new UpstreamError("503 from ledger");
      },
      wait: () => {
        entered();
        return left;
      },
    };
    const run = async (body: object): Promise<void> => {
      ids.push(await world.launch(body));
      await world.ended(ids.at(-1)!);
    };
    await run({ job: "fx_load", tags: { team: "core" } });
    await run({ job: "fx_load", tags: { team: "data" } });
    await run({ job: "fx_load", tags: { team: "core", "dagster/sensor_name": "prices" } });
    await run({ job: "fx_revalue" });
    await run({ job: "fx_revalue", tags: { team: "core" } });
    ids.push((await world.call("POST", `/api/runs/${ids[3]}/reexecute`, { from: "start" })).body.id);
    await world.ended(ids[5]!);
    ids.push(await world.launch({ job: "report" }));
    await waiting;
    ids.push(await world.launch({ job: "report" }));
    // A second apart and of known durations, so that orders and figures are exact.
    await world.db.query(
      `update runs set created_at = timestamptz '2026-01-01T10:00:00Z' + at * interval '1 second',
         started_at = case when started_at is not null then timestamptz '2026-01-01T10:00:00Z' + at * interval '1 second' end,
         ended_at = case when ended_at is not null then timestamptz '2026-01-01T10:00:00Z' + at * interval '1 second' + took * interval '1 millisecond' end
       from unnest($1::uuid[], array[0, 1, 2, 3, 4, 5, 6, 7], array[100, 300, 200, 50, 60, 70, 0, 0]) as n (run, at, took)
       where id = n.run`,
      [ids],
    );
  });
  afterAll(async () => {
    leave?.();
    await world?.stop();
    await database?.stop();
  });

  const get = async (path: string): Promise<any> => {
    const { status, body } = await world.call("GET", `/api/runs${path}`);
    expect([status, body]).toEqual([200, body]);
    return body;
  };
  /** Places in `ids` of the runs of a list. */
  const found = async (query: string): Promise<number[]> =>
    (await get(`?${query}`)).items.map(({ id }: { id: string }) => ids.indexOf(id));

  test("a star in a job's name stands for any characters, a minus leaves out", async () => {
    expect(await found("job=fx_load")).toEqual([2, 1, 0]);
    expect(await found("job=fx_*")).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await found("job=fx_*&job=-*_load")).toEqual([5, 4, 3]);
    expect(await found("job=-fx_*")).toEqual([7, 6]);
    expect(await found("job=fx%25")).toEqual([]);
    expect(await found("job=fx_load&job=report")).toEqual([7, 6, 2, 1, 0]);
  });

  test("statuses, tags, launchers and errors are asked for and left out alike", async () => {
    expect(await found("status=FAILURE&status=SUCCESS")).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await found("status=-FAILURE&status=-SUCCESS")).toEqual([7, 6]);
    expect(await found("tag=team:core&tag=-dagster/sensor_name:prices")).toEqual([4, 0]);
    expect(await found("by=sensor:p*")).toEqual([2]);
    expect(await found("by=reexecution")).toEqual([5]);
    expect(await found("by=-api")).toEqual([5, 2]);
    expect(await found("error=Upstream*")).toEqual([5, 3]);
    expect(await found("error=-UpstreamError&status=FAILURE")).toEqual([4]);
    expect(await found("longer_than_ms=100&status=SUCCESS")).toEqual([2, 1]);
    expect(await found("shorter_than_ms=60")).toEqual([3]);
  });

  test("runs are found by their ids and by how ids begin", async () => {
    expect(await found(`id=${ids[3]}`)).toEqual([3]);
    expect(await found(`id=${ids[0]!.slice(0, 22)}&id=${ids[4]}`)).toEqual([4, 0]);
    expect((await world.call("GET", "/api/runs?id=0198f3c")).body.code).toBe("INVALID_PARAMETER");
    expect((await world.call("GET", `/api/runs?id=${ids[0]!.replaceAll("-", "")}00`)).body.code).toBe(
      "INVALID_PARAMETER",
    );
  });

  test("the server sorts by creation, duration and status, page by page", async () => {
    const sorted = async (query: string): Promise<number[]> => {
      const all: number[] = [];
      for (let cursor = ""; ;) {
        const { items, next_cursor } = await get(`?limit=3&${query}${cursor}`);
        all.push(...items.map(({ id }: { id: string }) => ids.indexOf(id)));
        if (next_cursor === null) return all;
        cursor = `&cursor=${next_cursor}`;
      }
    };
    expect(await sorted("sort=created")).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await sorted("sort=-duration&status=SUCCESS&status=FAILURE")).toEqual([1, 2, 0, 5, 4, 3]);
    expect(await sorted("sort=duration")).toEqual([3, 4, 5, 0, 2, 1, 7, 6]);
    expect(await sorted("sort=status")).toEqual([7, 6, 2, 1, 0, 5, 4, 3]);
    expect(await sorted("sort=-status&job=fx_*")).toEqual([5, 4, 3, 2, 1, 0]);
    const { next_cursor } = await get("?limit=1&sort=duration");
    expect((await world.call("GET", `/api/runs?sort=status&cursor=${next_cursor}`)).body.code).toBe("INVALID_CURSOR");
  });

  test("a row tells who launched the run, why it failed and how long such runs take", async () => {
    const { items } = await get("?limit=8");
    const shown = items.map(({ launched_by, error_type, error_message, p50_ms, p95_ms }: any) => [
      ...[launched_by, error_type, error_message, p50_ms, p95_ms],
    ]);
    expect(shown).toEqual([
      ["api", null, null, null, null],
      ["api", null, null, null, null],
      ["reexecution", "UpstreamError", "503 from ledger", null, null],
      ["api", "TypeError", "no 7 of 9", null, null],
      ["api", "UpstreamError", "503 from ledger", null, null],
      ["sensor:prices", null, null, 200, 300],
      ["api", null, null, 200, 300],
      ["api", null, null, 200, 300],
    ]);
  });

  test("counts are those of the other filters", async () => {
    const none = { QUEUED: 0, STARTING: 0, STARTED: 0, SUCCESS: 0, FAILURE: 0, CANCELING: 0, CANCELED: 0 };
    const whole = { complete: true, counted_from: null };
    expect(await get("/counts")).toEqual({
      counts: { ...none, QUEUED: 1, STARTING: 1, SUCCESS: 3, FAILURE: 3 },
      total: 8,
      ...whole,
    });
    expect(await get("/counts?tag=team:core")).toEqual({
      counts: { ...none, SUCCESS: 2, FAILURE: 1 },
      total: 3,
      ...whole,
    });
    expect(await get("/counts?job=-fx_*")).toEqual({ counts: { ...none, QUEUED: 1, STARTING: 1 }, total: 2, ...whole });
    expect(await get("/counts?error=UpstreamError")).toEqual({ counts: { ...none, FAILURE: 2 }, total: 2, ...whole });
  });

  test("a histogram tells in which part of the time runs were created", async () => {
    await world.db.query(
      `update runs set created_at = now() - interval '1 second' - at * interval '10 minutes'
       from unnest($1::uuid[], array[5, 4, 3, 2, 1, 0, 0, 0]) as n (run, at) where id = n.run`,
      [ids],
    );
    const histogram = await get("/histogram?seconds=3600&buckets=6&job=fx_*&status=-CANCELED");
    expect(histogram).toMatchObject({ bucket_seconds: 600, complete: true, counted_from: null });
    expect(histogram.counts).toEqual({ SUCCESS: [1, 1, 1, 0, 0, 0], FAILURE: [0, 0, 0, 1, 1, 1] });
    expect(Date.parse(histogram.to) - Date.parse(histogram.from)).toBe(3_600_000);
  });
});
