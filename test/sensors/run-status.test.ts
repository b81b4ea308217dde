import type { SensorDefinition } from "../../core/graph";
import { createRuns } from "../../store/create-runs";
import { setSensorCursor, setSensorStatus, wakeRunStatusSensors } from "../../store/instigators";
import { DATABASES, type TestDatabase } from "../support/databases";
import { openTransaction } from "../store/world";
import {
  cursorOf,
  daemon,
  emptyTables,
  endRuns,
  publish,
  sensorDefinition,
  stopDaemons,
  ticksOf,
  Times,
  writeEnds,
} from "./rig";

const watcher = (more: Partial<SensorDefinition> = {}) =>
  sensorDefinition("watcher", { kind: "run_status_sensor", runStatuses: ["SUCCESS", "FAILURE"], ...more });

describe.each(DATABASES)("a run-status sensor on %s", (kind, open) => {
  let database: TestDatabase;
  const db = () => database.db;
  beforeAll(async () => void (database = await open()));
  beforeEach(() => emptyTables(db()));
  afterEach(stopDaemons);
  afterAll(() => database.stop());

  const queued = async (count: number, job = "demo", tags: Record<string, string> = {}): Promise<string[]> => {
    const { rows } = await db().query<{ graph_id: string }>("select graph_id from jobs where name = $1", [job]);
    const run = { job, graphId: rows[0]!.graph_id, codeVersion: "v1", priority: 0, tags, config: { n: 1 } };
    return (
      await createRuns(
        db(),
        Array.from({ length: count }, () => run),
      )
    ).map(({ id }) => id);
  };

  test("is called once for each run that ends, in order, and 25 times a tick at most", async () => {
    await publish(db(), [watcher()]);
    const ids = await queued(60);
    for (const id of ids) await endRuns(db(), [id]);
    const seen = new Times<string>();
    const { more } = daemon(db(), { watcher: ({ run }) => (seen.add(run!.id), {}) });
    await seen.until(60);
    await more(2);
    expect(seen.items).toEqual(ids);
    const cursors = (await ticksOf(db(), "watcher")).map(({ cursor }) => cursor!.split(":")[1]);
    expect(cursors.slice(0, 2)).toEqual([ids[24], ids[49]]);
  });

  test("sees what it watches: statuses, jobs, and runs from its first start on", async () => {
    const two = ["demo", "other"];
    await publish(db(), [], two);
    const [before] = await queued(1);
    await endRuns(db(), [before!]);
    await publish(db(), [watcher({ runStatuses: ["FAILURE"], monitoredJobs: ["other"] })], two, "v2");
    const [wrongJob, canceled, right] = [...(await queued(1)), ...(await queued(2, "other"))];
    await endRuns(db(), [wrongJob!], "FAILURE");
    await endRuns(db(), [canceled!], "CANCELED");
    await endRuns(db(), [right!], "FAILURE");
    const seen = new Times<unknown>();
    const { more } = daemon(db(), { watcher: ({ run }) => (seen.add(run), {}) });
    await more(2);
    expect(seen.items).toMatchObject([
      { id: right, job: "other", status: "FAILURE", config: { n: 1 }, failureReason: "STEP_FAILURE", error: null },
    ]);
  });

  test("that fails keeps its place and tries again; the runs before count", async () => {
    await publish(db(), [watcher()]);
    const [one, two, three] = await queued(3);
    for (const id of [one!, two!, three!]) await endRuns(db(), [id]);
    const calls = new Times<string>();
    let broken = true;
    daemon(db(), {
      watcher: ({ run }) => {
        calls.add(run!.id);
        if (run!.id === two && broken) throw new Error("not now");
        return run!.id === one ? { runRequests: [{ runKey: "alarm" }] } : {};
      },
    });
    await calls.until(3);
    broken = false;
    await calls.until(5);
    await stopDaemons();
    expect(calls.items.filter((id) => id === one)).toHaveLength(1);
    expect(calls.items.filter((id) => id === three)).toHaveLength(1);
    expect(calls.items.at(-1)).toBe(three);
    const [first] = await ticksOf(db(), "watcher");
    expect(first).toMatchObject({ status: "FAILURE", error: { message: "not now", metadata: { run_id: two } } });
    expect(first!.run_ids).toHaveLength(1);
  });

  test("that was stopped goes on where it was when it is started again", async () => {
    await publish(db(), [watcher()]);
    await setSensorStatus(db(), "watcher", "STOPPED");
    const [id] = await queued(1);
    await endRuns(db(), [id!]);
    const seen = new Times<string>();
    const { loop } = daemon(db(), { watcher: ({ run }) => (seen.add(run!.id), {}) });
    await setSensorStatus(db(), "watcher", "RUNNING");
    loop.wake();
    expect(await seen.until(1)).toEqual([id]);
  });

  test("with a cursor of null sees what ends from now on; another form is refused", async () => {
    await publish(db(), [watcher()]);
    const ids = await queued(2);
    await endRuns(db(), [ids[0]!]);
    await setSensorCursor(db(), "watcher", null);
    await endRuns(db(), [ids[1]!]);
    const seen = new Times<string>();
    daemon(db(), { watcher: ({ run }) => (seen.add(run!.id), {}) });
    expect(await seen.until(1)).toEqual([ids[1]]);
    await expect(setSensorCursor(db(), "watcher", "yesterday")).rejects.toMatchObject({ code: "INVALID_BODY" });
  });

  test("is woken by a run's end, before its interval and during an evaluation, unless it has failed", async () => {
    await publish(db(), [watcher({ minimumIntervalSeconds: 60 })]);
    const seen = new Times<string>();
    let hold: Promise<void> | null = null;
    let release!: () => void;
    const { loop, ticks } = daemon(db(), {
      watcher: async ({ run }) => {
        seen.add(run!.id);
        await hold;
        if (seen.items.length === 3) throw new Error("no");
        return {};
      },
    });
    const wake = async () => ((await wakeRunStatusSensors(db(), ["SUCCESS"])) ? (loop.wake(), true) : false);
    await ticks.until(1);
    const ids = await queued(4);
    hold = new Promise((resolve) => (release = resolve));
    await endRuns(db(), [ids[0]!]);
    expect(await wake()).toBe(true);
    await seen.until(1);
    await endRuns(db(), [ids[1]!]);
    expect(await wake()).toBe(true);
    release();
    hold = null;
    await seen.until(2);
    await ticks.until(3);
    await endRuns(db(), [ids[2]!]);
    expect(await wake()).toBe(true);
    await ticks.until(4);
    expect(await wake()).toBe(false);
    expect(await wakeRunStatusSensors(db(), ["CANCELED"])).toBe(false);
    expect(seen.items).toEqual(ids.slice(0, 3));
  });

  test("does not keep itself going with the runs that it launches", async () => {
    await publish(db(), [watcher()]);
    await endRuns(db(), await queued(1));
    const seen = new Times<string>();
    const { ticks, more } = daemon(db(), { watcher: ({ run }) => (seen.add(run!.id), { runRequests: [{}] }) });
    await ticks.until(1);
    await endRuns(db(), ticks.items[0]!.runIds);
    await more(3);
    expect(seen.items).toHaveLength(1);
    expect(await cursorOf(db(), "watcher")).toMatch(/^\d+:0{8}-/);
  });

  if (kind === "PostgreSQL") {
    test("does not pass over a run whose commit comes after those of later ones", async () => {
      await publish(db(), [watcher()]);
      const [late, early] = await queued(2);
      const open = await openTransaction(database.url!);
      await writeEnds(open.within, [late!]);
      await writeEnds(db(), [early!]);
      const seen = new Times<string>();
      const { more } = daemon(db(), { watcher: ({ run }) => (seen.add(run!.id), {}) });
      await more(2);
      expect(seen.items).toEqual([]);
      await open.end();
      expect(await seen.until(2)).toEqual([late, early]);
    });
  }
});
