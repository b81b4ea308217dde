import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { publishJobs } from "../../store/catalog";
import type { Database } from "../../store/database";
import { deleteRun, runNotFound } from "../../store/end-of-runs";
import { dayName, ensurePartitions } from "../../store/partitions";
import { RunCounts } from "../../store/queries/run-counts";
import { createReexecution, planReexecution } from "../../store/reexecute";
import { daySizes, daysWithTables } from "../../store/retention/days";
import { type KeptDays, keptDays } from "../../store/retention/expiry";
import { shrinkRuns, sweepRuns, type Swept } from "../../store/retention/sweep";
import { sweepAudit, sweepTicks } from "../../store/retention/sweep-rows";
import { loadValue } from "../../store/values";
import { DATABASES, type TestDatabase } from "../support/databases";
import { DAY_MS, empty, expectTraces, type OldRuns, oldRuns, runsIn, startOfToday } from "./old-runs";
import { create, graph, node, openTransaction, ownerOf, runChange, succeeded, untilSettled } from "./world";

/** Kept for so many days, and jobs by what they say. */
const kept = (days: number | null, ofJobs: Record<string, number | null> = {}): KeptDays => ({
  days,
  ofJobs: new Map(Object.entries(ofJobs)),
});

describe.each(DATABASES)("retention on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  let today: number;
  let makeDay: OldRuns["makeDay"];
  let oldRun: OldRuns["oldRun"];
  beforeAll(async () => {
    world = await open();
    db = world.db;
    today = await startOfToday(db);
    ({ makeDay, oldRun } = oldRuns(db, today));
  });
  afterAll(() => world.stop());
  beforeEach(() => empty(db));

  const sweep = async (days: KeptDays, now = today): Promise<Swept> => total(sweepRuns(db, { kept: days, now }));
  const total = async (swept: AsyncGenerator<Swept>): Promise<Swept> => {
    const sum: Swept = { runs: 0, days: 0 };
    for await (const { runs, days } of swept) {
      sum.runs += runs;
      sum.days += days;
    }
    return sum;
  };

  test("a day all of whose runs are past their time goes with its tables", async () => {
    const [old, young] = [await makeDay(40), await makeDay(20)];
    await oldRun({ created: 40 });
    await oldRun({ created: 40, status: "FAILURE", job: "other" });
    const stays = await oldRun({ created: 20 });
    expect(await sweep(kept(30))).toEqual({ runs: 2, days: 1 });
    await expectTraces(db, [stays]);
    expect((await daysWithTables(db)).map(dayName)).toEqual([young]);
    expect(old).not.toBe(young);
    expect(await sweep(kept(30))).toEqual({ runs: 0, days: 0 });
  });

  test("by the end of a run, not by its beginning, and never one that has not ended", async () => {
    await makeDay(40);
    const stay = [
      await oldRun({ created: 40, ended: 29 }),
      await oldRun({ created: 40, ended: null }),
      await oldRun({ created: 40, hooksOpen: true }),
    ];
    const [goes] = [await oldRun({ created: 40 })];
    expect(await sweep(kept(30))).toEqual({ runs: 1, days: 0 });
    await expectTraces(db, stay);
    expect(stay).not.toContain(goes);
  });

  test("a run that others of its day outlast waits for them for a day, then goes alone", async () => {
    await makeDay(32);
    const stays = await oldRun({ created: 32, ended: null });
    const goes = await oldRun({ created: 32 });
    // 31 days after the day has ended, less an instant.
    expect(await sweep(kept(30), today - 1)).toEqual({ runs: 0, days: 0 });
    await expectTraces(db, [stays, goes]);
    expect(await sweep(kept(30), today)).toEqual({ runs: 1, days: 0 });
    await expectTraces(db, [stays]);
  });

  test("whatever the runs, only ended ones past their time go, and those go two days after it", async () => {
    const past = fc.integer({ min: 1, max: 12 });
    const run = fc.record({
      created: past,
      // By days; 0: it goes on.
      lasted: fc.integer({ min: -1, max: 8 }),
      job: fc.constantFrom("demo", "short", "ever"),
      hooksOpen: fc.boolean(),
    });
    const given = fc.record({
      runs: fc.array(run, { maxLength: 6 }),
      days: fc.integer({ min: 1, max: 9 }),
      tables: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ runs, days, tables }) => {
        await empty(db);
        if (tables) for (const created of new Set(runs.map((one) => one.created))) await makeDay(created);
        const keeping = kept(days, { short: 1, ever: null });
        const must: string[] = [];
        const gone: string[] = [];
        for (const { created, lasted, job, hooksOpen } of runs) {
          const ended = lasted < 0 ? null : Math.max(0, created - lasted);
          const id = await oldRun({ created, ended, job, hooksOpen });
          const least = { demo: days, short: 1, ever: Infinity }[job];
          if (ended === null || hooksOpen || ended <= least) must.push(id);
          else if (created > least + 2) gone.push(id);
        }
        await sweep(keeping);
        const left = await runsIn(db, "runs");
        expect(left).toEqual(expect.arrayContaining(must));
        expect(left.filter((id) => gone.includes(id))).toEqual([]);
        await expectTraces(db, left);
      }),
      { numRuns: 20 },
    );
  });

  test("what a job says itself counts for its runs, longer, shorter and for ever", async () => {
    const keeping = (job: string, days: number | null) => ({ ...graph([node("a")], job), retention: { days } });
    const jobs = [keeping("long", 90), keeping("short", 2), keeping("ever", null), graph([node("a")], "demo")];
    await publishJobs(db, { codeVersion: "kept", jobs }, { revive: true });
    for (const days of [5, 40, 400]) await makeDay(days);
    const stay = [
      await oldRun({ created: 40, job: "long" }),
      await oldRun({ created: 400, job: "ever" }),
      await oldRun({ created: 5 }),
    ];
    await oldRun({ created: 400, job: "long" });
    await oldRun({ created: 5, job: "short" });
    await oldRun({ created: 40 });
    expect(await keptDays(db, 30)).toEqual(kept(30, { long: 90, short: 2, ever: null }));
    expect((await sweep(await keptDays(db, 30))).runs).toBe(3);
    await expectTraces(db, stay);
    expect(await sweep(await keptDays(db, null))).toEqual({ runs: 0, days: 0 });
  });

  test("runs in the default tables go row by row", async () => {
    await oldRun({ created: 40, steps: 3 });
    const stays = await oldRun({ created: 3 });
    expect(await sweep(kept(30))).toEqual({ runs: 1, days: 0 });
    await expectTraces(db, [stays]);
  });

  test("may be broken off after any step, and the next sweep goes on from there", async () => {
    const days = [await makeDay(50), await makeDay(45)];
    await makeDay(41);
    for (const created of [50, 50, 45, 41]) await oldRun({ created, steps: 2 });
    const stays = await oldRun({ created: 41, ended: null });
    // Longer and longer ones, each a process that dies.
    for (let steps = 0; ; steps++) {
      const swept = sweepRuns(db, { kept: kept(30), now: today });
      let done: boolean | undefined;
      for (let step = 0; step <= steps && !done; step++) ({ done } = await swept.next());
      if (done) break;
      await swept.return(undefined);
    }
    await expectTraces(db, [stays]);
    expect((await daysWithTables(db)).map(dayName)).not.toEqual(expect.arrayContaining([days[0]]));
  });

  test("days without a run go, today's and those to come stay", async () => {
    await ensurePartitions(db);
    await makeDay(2);
    expect(await sweep(kept(null))).toEqual({ runs: 0, days: 1 });
    expect((await daysWithTables(db)).map(dayName)).toEqual([0, 1, 2].map((n) => dayName(today + n * DAY_MS)));
  });

  test("by size the oldest days go whose runs have all ended, until the rest is below", async () => {
    for (const days of [9, 8, 7, 6]) await makeDay(days);
    await oldRun({ created: 9, steps: 50 });
    const goesOn = await oldRun({ created: 8, ended: null, steps: 50 });
    await oldRun({ created: 7, steps: 50 });
    const newest = await oldRun({ created: 6, steps: 50 });
    const sizes = await daySizes(db);
    expect(sizes.map(({ day }) => day)).toEqual([9, 8, 7, 6].map((days) => today - days * DAY_MS));
    const bytes = sizes[1]!.bytes + sizes[3]!.bytes;
    const swept = await total(shrinkRuns(db, { bytes, now: today }));
    expect(swept).toEqual({ runs: 2, days: 2 });
    await expectTraces(db, [goesOn, newest]);
    expect(await total(shrinkRuns(db, { bytes, now: today }))).toEqual({ runs: 0, days: 0 });
  });

  test("a re-execution keeps what it reuses when its parent goes, and passes it on", async () => {
    await makeDay(40);
    const parent = await oldRun({ created: 40, status: "FAILURE" });
    const plan = await planReexecution(db, { run: parent, from: "steps", steps: ["a"] }, () => Promise.reject());
    const child = await db.transaction((tx) => createReexecution(tx, plan));
    expect(await sweep(kept(30))).toEqual({ runs: 1, days: 1 });
    expect(await loadValue(db, `value-${parent}`)).toBe("large");
    await db.query("update runs set status = 'SUCCESS', ended_at = now() where id = $1", [child.id]);
    await db.transaction((tx) => deleteRun(tx, child.id));
    expect(await loadValue(db, `value-${parent}`)).toBeUndefined();
    await expect(db.transaction((tx) => createReexecution(tx, plan))).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  test("of a run that is not there, an error says from when it would be", () => {
    const text = (at: number) => runNotFound(uuidv7({ msecs: at })).message;
    expect(text(Date.UTC(2025, 3, 5, 12))).toMatch(/launched on 2025-04-05: runs are removed .* \(RETENTION_DAYS\)/);
    expect(text(Date.now())).not.toContain("RETENTION");
    expect(runNotFound("none").message).toMatch(
      /^There is no run none\. Runs have ids such as .*`dqueue runs` lists them\.$/,
    );
  });

  test("run keys stay taken", async () => {
    await makeDay(40);
    const id = await oldRun({ created: 40 });
    await db.query(`insert into run_keys (instigator, run_key_hash, run_key, run_id) values ('', 'x', 'monday', $1)`, [
      id,
    ]);
    await sweep(kept(30));
    expect((await db.query("select run_id from run_keys")).rows).toEqual([{ run_id: id }]);
  });

  test("counts of all runs are right at once, not only after the next count of history", async () => {
    const counts = new RunCounts(db);
    // As long as it is open, nothing that begins later counts as settled.
    const open = world.url ? await openTransaction(world.url) : null;
    await open?.within.query("select pg_current_xact_id()");
    await oldRun({ created: 40 });
    await oldRun({ created: 40, status: "FAILURE" });
    const stays = await oldRun({ created: 1 });
    expect((await counts.read()).get("SUCCESS")).toBe(2);
    await open?.end();
    await untilSettled(db);
    expect((await counts.read()).get("SUCCESS")).toBe(2);
    await sweep(kept(30));
    const left = await counts.read();
    expect([left.get("SUCCESS"), left.get("FAILURE")]).toEqual([1, 0]);
    await db.transaction((tx) => deleteRun(tx, stays));
    expect((await counts.read()).get("SUCCESS")).toBe(0);
  });

  test("ticks and audit entries go after their time, ticks that were skipped after a week", async () => {
    await db.query(
      `insert into instigators (name, kind, definition, code_version, status)
       values ('s', 'sensor', '{}', 'v', 'STOPPED') on conflict do nothing`,
    );
    await db.query(
      `insert into ticks (id, instigator, status, started_at)
       select gen_random_uuid(), 's', status, now() - days * interval '1 day'
       from unnest(array['SKIPPED', 'SUCCESS', 'FAILURE']) as status, unnest(array[6, 8, 29, 31]) as days`,
    );
    const ticks = async () =>
      (
        await db.query<{ status: string; days: number }>(
          `select status, array_agg((extract(day from now() - started_at))::int order by started_at desc) as days
           from ticks group by status order by status`,
        )
      ).rows;
    for await (const _rows of sweepTicks(db, null));
    expect(await ticks()).toEqual([
      { status: "FAILURE", days: [6, 8, 29, 31] },
      { status: "SKIPPED", days: [6] },
      { status: "SUCCESS", days: [6, 8, 29, 31] },
    ]);
    for await (const _rows of sweepTicks(db, 30));
    expect(await ticks()).toEqual([
      { status: "FAILURE", days: [6, 8, 29] },
      { status: "SKIPPED", days: [6] },
      { status: "SUCCESS", days: [6, 8, 29] },
    ]);
    await db.query(
      `insert into audit (at, actor_kind, actor, role, action, object, details)
       select now() - days * interval '1 day', 'key', 'a', 'admin', 'b', 'c', '{}' from unnest(array[364, 366]) as days`,
    );
    for await (const _rows of sweepAudit(db, 365));
    expect((await db.query("select count(*) as n from audit")).rows).toEqual([{ n: 1 }]);
  });

  if (_name === "PostgreSQL") {
    test("a day that is being read stays for the next time, and commits wait for moments only", async () => {
      const day = await makeDay(40);
      await oldRun({ created: 40 });
      const reader = await openTransaction(world.url!);
      await reader.within.query(`select count(*) from steps_${day}`);
      const id = await oldRun({ created: 1, ended: null });
      const owner = await ownerOf(db);
      let commits = 0;
      const swept = { days: 0, runs: 0 };
      for await (const { runs, days } of sweepRuns(db, { kept: kept(30), now: today })) {
        swept.runs += runs;
        swept.days += days;
        const result = await owner.commit({ steps: [succeeded(id, `b[${commits++}]`)] });
        expect(result).toEqual({ ok: true });
      }
      expect(swept).toEqual({ runs: 1, days: 0 });
      expect(commits).toBeGreaterThan(3);
      expect((await daysWithTables(db)).map(dayName)).toEqual([day]);
      await reader.end();
      expect(await sweep(kept(30))).toEqual({ runs: 0, days: 1 });
      expect(await runsIn(db, "removals")).toEqual([]);
    });

    test("a run that is being re-executed at this moment stays for the next time", async () => {
      const parent = await oldRun({ created: 40 });
      const plan = await planReexecution(db, { run: parent, from: "steps", steps: ["a"] }, () => Promise.reject());
      const open = await openTransaction(world.url!);
      const child = await createReexecution(open.within, plan);
      expect((await sweep(kept(30))).runs).toBe(0);
      await open.end();
      expect((await sweep(kept(30))).runs).toBe(1);
      expect(await runsIn(db, "runs")).toEqual([child.id]);
      expect(await runsIn(db, '"values"')).toEqual([child.id]);
    });

    test("launches and commits go on while a large run is removed, in pieces of a few thousand rows", async () => {
      await oldRun({ created: 40, steps: 12_000 });
      const owner = await ownerOf(db);
      let pieces = 0;
      for await (const _step of sweepRuns(db, { kept: kept(30), now: today })) {
        const id = await create(db);
        expect(await owner.commit({ runs: [runChange(id)], steps: [succeeded(id, "a")] })).toEqual({ ok: true });
        pieces++;
      }
      expect(pieces).toBeGreaterThan(3 * (12_000 / 2_000));
      expect((await runsIn(db, "runs")).length).toBe(pieces);
    });
  }
});
