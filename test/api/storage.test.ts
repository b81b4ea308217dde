import { measureStorage } from "../../store/storage/measure";
import { DATABASES, type TestDatabase } from "../support/databases";
import { DAY_MS, empty, oldRuns, startOfToday } from "../store/old-runs";
import { graph, node } from "../store/world";
import { startWorld, type World } from "./world";

describe.each(DATABASES)("storage on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  let today: number;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { coordinator: false, environment: { RETENTION_BYTES: "1GB" } });
    today = await startOfToday(world.db);
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  test("is told by job and day, with its growth and how long it is kept", async () => {
    await empty(world.db);
    await world.publish({ ...graph([node("a")], "ledger"), retention: { days: 90 } }, graph([node("a")], "demo"));
    const { makeDay, oldRun } = oldRuns(world.db, today);
    for (const days of [3, 2]) await makeDay(days);
    for (let n = 0; n < 3; n++) await oldRun({ created: 3, job: "ledger", steps: 200 });
    const oldest = await oldRun({ created: 3, steps: 200 });
    await oldRun({ created: 2, ended: null, steps: 50 });
    for await (const _step of measureStorage(world.db));
    const { body } = await world.call("GET", "/api/storage");
    expect(body.retention).toEqual({ days: 30, bytes: 1e9 });
    expect(body.days.map(({ day, goes_at }: any) => [Date.parse(day), Date.parse(goes_at)])).toEqual([
      [today - 3 * DAY_MS, today + 28 * DAY_MS],
      [today - 2 * DAY_MS, today + 29 * DAY_MS],
    ]);
    const [ledger, demo] = body.jobs;
    expect([ledger.job, ledger.retention_days, demo.job, demo.retention_days]).toEqual(["ledger", 90, "demo", 30]);
    expect([ledger.values, demo.values]).toEqual([3_000, 2_000]);
    for (const one of [ledger, demo]) expect(one.bytes).toBe(one.steps + one.events + one.logs + one.values);
    // All of it is some job's, and three of the four large runs are the ledger's.
    const ofDays = body.days.reduce((sum: number, { bytes }: any) => sum + bytes, 0);
    expect(Math.abs(ofDays - ledger.bytes - demo.bytes)).toBeLessThan(0.01 * ofDays);
    expect(ledger.logs / demo.logs).toBeGreaterThan(1.5);
    expect(body.growth_per_day).toBe(Math.round(ofDays / 3));
    const { body: run } = await world.call("GET", `/api/runs/${oldest}`);
    expect(Date.parse(body.oldest_run_at)).toBe(Date.parse(run.created_at));
  });

  test("of days and runs that are gone is told no more once it is measured again", async () => {
    const jobs = async () => (await world.db.query("select distinct day from storage where day <> 'default'")).rows;
    expect(await jobs()).toHaveLength(2);
    await empty(world.db);
    for await (const _step of measureStorage(world.db));
    expect(await jobs()).toEqual([]);
  });

  test("is a figure by what the tables hold", async () => {
    const { body } = await world.call("GET", "/metrics");
    const parts = [...body.matchAll(/^dqueue_storage_bytes\{part="(\w+)"\} (\d+)/gm)].map(([, part, n]: any) => [
      part,
      n > 0,
    ]);
    expect(parts).toEqual(["steps", "events", "logs", "values", "runs", "other"].map((part) => [part, true]));
  });
});
