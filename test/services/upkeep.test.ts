import { ServiceBroker } from "moleculer";
import { Registry } from "prom-client";
import type { Retention } from "../../services/upkeep-work";
import { upkeepService } from "../../services/upkeep.service";
import type { Database } from "../../store/database";
import { DATABASES, type TestDatabase } from "../support/databases";
import { leaveTask, renewTask, takeTask } from "../../store/upkeep-tasks";
import { sweepRuns } from "../../store/retention/sweep";
import { expectTraces, oldRuns, runsIn, startOfToday } from "../store/old-runs";

const KEPT: Retention = { days: 30, bytes: null, auditDays: 365 };

describe.each(DATABASES)("upkeep on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  /** A daemon's, which looks at once. */
  const daemon = async (retention = KEPT) => {
    const registry = new Registry();
    const broker = new ServiceBroker({ logger: false });
    broker.createService(upkeepService(broker, { db, registry, retention, afterMs: 0 }));
    await broker.start();
    const removed = async (): Promise<number> => {
      const { values } = await registry.getSingleMetric("dqueue_retention_runs_removed_total")!.get();
      return values[0]!.value;
    };
    return { removed, stop: () => broker.stop() };
  };

  const untilDone = async (): Promise<void> => {
    for (;;) {
      const { rows } = await db.query(
        "select from upkeep_tasks where name = 'retention' and done_at > now() - interval '30 minutes'",
      );
      if (rows.length > 0) return;
    }
  };

  test("of several daemons one removes what is past its time, and counts it", async () => {
    const { oldRun } = oldRuns(db, await startOfToday(db));
    for (let n = 0; n < 3; n++) await oldRun({ created: 40 });
    const stays = await oldRun({ created: 20 });
    const daemons = [await daemon(), await daemon()];
    await untilDone();
    await expectTraces(db, [stays]);
    const removed = await Promise.all(daemons.map((one) => one.removed()));
    expect(removed.sort()).toEqual([0, 3]);
    await Promise.all(daemons.map((one) => one.stop()));
  });

  test("what a daemon has left that died is done by another", async () => {
    const before = await runsIn(db, "runs");
    const { oldRun } = oldRuns(db, await startOfToday(db));
    const stays = await oldRun({ created: 1 });
    const goes = await oldRun({ created: 41 });
    const swept = sweepRuns(db, { kept: { days: 30, ofJobs: new Map() }, now: Date.now() });
    await swept.next();
    await swept.return(undefined);
    expect(await runsIn(db, "removals")).toEqual([goes]);
    await db.query(
      `update upkeep_tasks set done_at = now() - interval '2 hours', owner = 'dead',
         lease_until = now() - interval '1 second' where name = 'retention'`,
    );
    const next = await daemon();
    await untilDone();
    await expectTraces(db, [...before, stays].sort());
    await next.stop();
  });

  test("of any number of processes one has the task, until it leaves it or dies", async () => {
    const take = (owner: string, everyMs = 1_000_000) => takeTask(db, { task: "retention", owner, everyMs });
    await db.query("update upkeep_tasks set done_at = null");
    expect([await take("a"), await take("b")]).toEqual([true, false]);
    await leaveTask(db, { task: "retention", owner: "a", done: false });
    expect([await take("b"), await take("a")]).toEqual([true, false]);
    await db.query("update upkeep_tasks set lease_until = now() - interval '1 second' where name = 'retention'");
    expect(await take("a")).toBe(true);
    expect([await renewTask(db, "retention", "b"), await renewTask(db, "retention", "a")]).toEqual([false, true]);
    await leaveTask(db, { task: "retention", owner: "a", done: true });
    expect([await take("b"), await take("b", 0)]).toEqual([false, true]);
    await leaveTask(db, { task: "retention", owner: "b", done: false });
  });
});
