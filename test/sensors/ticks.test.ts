import { createRuns } from "../../store/create-runs";
import { setSensorCursor, setSensorStatus } from "../../store/instigators";
import { claimSensors } from "../../store/sensor-ticks";
import { DATABASES, type TestDatabase } from "../support/databases";
import { eventually } from "../support/eventually";
import {
  cursorOf,
  daemon,
  emptyTables,
  endRuns,
  publish,
  runsOf,
  sensorDefinition,
  stopDaemons,
  ticksOf,
  Times,
} from "./rig";

describe.each(DATABASES)("a sensor's ticks on %s", (_name, open) => {
  let database: TestDatabase;
  const db = () => database.db;
  beforeAll(async () => void (database = await open()));
  beforeEach(() => emptyTables(db()));
  afterEach(stopDaemons);
  afterAll(() => database.stop());

  test("the seed's rule: a job runs at once, and again the delay after it has ended", async () => {
    await publish(db(), [sensorDefinition("demo_sensor")]);
    const DELAY_MS = 400;
    const { ticks, more } = daemon(db(), {
      demo_sensor: ({ now, latestRuns }) => {
        const last = latestRuns.demo;
        if (!last) return { runRequests: [{}] };
        if (last.endedAt === null) return { skipReason: "it runs" };
        return now - last.endedAt >= DELAY_MS ? { runRequests: [{}] } : { skipReason: "it has just ended" };
      },
    });
    await ticks.until(1);
    expect(ticks.items[0]!.runIds).toHaveLength(1);
    await more(3);
    await endRuns(db(), ticks.items[0]!.runIds);
    while ((await runsOf(db())).length < 2) await more(1);
    const [first, second] = (
      await db().query<{ created_at: Date; ended_at: Date }>(
        "select created_at, ended_at from runs order by created_at",
      )
    ).rows;
    expect(second!.created_at.getTime() - first!.ended_at.getTime()).toBeGreaterThanOrEqual(DELAY_MS);
    const reasons = (await ticksOf(db(), "demo_sensor")).map(({ status, skip_reason }) => `${status} ${skip_reason}`);
    expect([...new Set(reasons)]).toEqual(["SUCCESS null", "SKIPPED it runs", "SKIPPED it has just ended"]);
  });

  test("SEN-1: a run key launches once, whatever becomes of its run, the cursor and the daemon", async () => {
    await publish(db(), [sensorDefinition("files")]);
    const functions = { files: () => ({ runRequests: [{ runKey: "file-1" }], cursor: "c" }) };
    const first = daemon(db(), functions);
    await first.ticks.until(1);
    const [launched] = await runsOf(db());
    await endRuns(db(), [launched!.id], "FAILURE");
    const { rows } = await db().query<{ graph_id: string }>("select graph_id from runs");
    for (let i = 0; i < 2; i++) {
      await createRuns(db(), [
        {
          job: "demo",
          graphId: rows[0]!.graph_id,
          codeVersion: "v1",
          priority: 0,
          tags: launched!.tags,
          config: {},
          runKey: "file-1",
          parentRunId: launched!.id,
          rootRunId: launched!.id,
        },
      ]);
    }
    await first.more(5);
    await db().query("delete from runs where id = $1", [launched!.id]);
    await first.more(5);
    await setSensorCursor(db(), "files", null);
    await first.more(2);
    await first.loop.stop();
    await daemon(db(), functions).ticks.until(5);

    const ticks = await ticksOf(db(), "files");
    expect(ticks.filter(({ status }) => status === "FAILURE")).toEqual([]);
    expect(ticks.flatMap(({ run_ids }) => run_ids)).toEqual([launched!.id]);
    expect(await runsOf(db())).toHaveLength(2);
    expect(ticks.at(-1)).toMatchObject({
      status: "SKIPPED",
      known_run_keys: ["file-1"],
      skip_reason: 'Passed over 1 run key that launched a run before: "file-1".',
    });
  });

  test.each([
    ["config breaks the schema", { config: { n: "many" } }, "/config/n"],
    ["job does not exist", { job: "nowhere" }, "/job"],
  ])("SEN-2: one request whose %s loses nothing and launches nothing", async (_case, broken, pointer) => {
    await publish(db(), [sensorDefinition("five", { jobs: ["demo", "nowhere"] })]);
    await setSensorCursor(db(), "five", "c0");
    let repaired = false;
    const { ticks, more } = daemon(db(), {
      five: ({ cursor }) => ({
        cursor: "c1",
        runRequests: [1, 2, 3, 4, 5].map((n) => ({
          runKey: `r${n}`,
          config: { n },
          ...(n === 3 && cursor === "c0" && !repaired ? broken : {}),
        })),
      }),
    });
    await ticks.until(2);
    const [failed] = await ticksOf(db(), "five");
    expect(failed).toMatchObject({ status: "FAILURE", cursor: "c0", run_ids: [], skip_reason: null });
    expect(failed!.error).toMatchObject({ code: "BAD_RUN_REQUEST", metadata: { request: 2, run_key: "r3", pointer } });
    expect(failed!.error!.message).toContain('Request 3 of 5 (run key "r3") of sensor "five"');
    expect(await runsOf(db())).toEqual([]);
    expect(await cursorOf(db(), "five")).toBe("c0");

    repaired = true;
    while (ticks.items.every(({ runIds }) => runIds.length === 0)) await more(1);
    await more(2);
    const runs = await runsOf(db());
    expect(runs.map(({ run_key, config }) => [run_key, config.n])).toEqual([1, 2, 3, 4, 5].map((n) => [`r${n}`, n]));
    expect(await cursorOf(db(), "five")).toBe("c1");
    const tick = (await ticksOf(db(), "five")).find(({ status }) => status === "SUCCESS")!;
    expect(tick.run_ids).toEqual(runs.map(({ id }) => id));
    expect(runs[0]).toMatchObject({
      status: "QUEUED",
      tags: { "dagster/sensor_name": "five", "dagster/run_key": "r1", "dagster/tick": tick.id },
    });
    const { rows } = await db().query("select distinct type, seq from events");
    expect(rows).toEqual([{ type: "RUN_ENQUEUED", seq: 1 }]);
  });

  test("a failing function fails its tick, which keeps the error, and is called again after its interval", async () => {
    await publish(db(), [sensorDefinition("broken", { minimumIntervalSeconds: 0.3 })]);
    const { ticks } = daemon(db(), {
      broken: () => {
        throw Object.assign(new TypeError("x\0y", { cause: new Error("why") }), { metadata: { at: "a\ud800" } });
      },
    });
    await ticks.until(2);
    const [one, two] = await ticksOf(db(), "broken");
    expect(one).toMatchObject({
      status: "FAILURE",
      error: { name: "TypeError", message: "x\u2400y", metadata: { at: "a\ufffd" }, cause: { message: "why" } },
    });
    expect(two!.started_at.getTime() - one!.started_at.getTime()).toBeGreaterThanOrEqual(295);
  });

  test("VAL-1: NUL in a skip reason is shown as a substitute, in a cursor it fails the tick and the old one stands", async () => {
    await publish(db(), [sensorDefinition("reason"), sensorDefinition("cursor"), sensorDefinition("config")]);
    await setSensorCursor(db(), "cursor", "good");
    const { ticks } = daemon(db(), {
      reason: () => ({ skipReason: "a\0b\ud800" }),
      cursor: () => ({ cursor: "a\0b", runRequests: [{}] }),
      config: () => ({ runRequests: [{ job: "demo", config: { "k\0": 1 } }] }),
    });
    await eventually(() => new Set(ticks.items.map(({ sensor }) => sensor)).size === 3);
    expect((await ticksOf(db(), "reason"))[0]).toMatchObject({ status: "SKIPPED", skip_reason: "a\u2400b\ufffd" });
    const [tick] = await ticksOf(db(), "cursor");
    expect(tick).toMatchObject({ status: "FAILURE", cursor: "good", error: { code: "BAD_CURSOR" } });
    expect(tick!.error!.message).toContain("NUL character at position 1");
    expect((await ticksOf(db(), "config"))[0]).toMatchObject({ status: "FAILURE" });
    expect(await runsOf(db())).toEqual([]);
  });

  test.each([
    ["stopped", () => setSensorStatus(db(), "slow", "STOPPED")],
    ["given another cursor", () => setSensorCursor(db(), "slow", "mine")],
  ])("what a function answers after its sensor was %s is void", async (_case, change) => {
    await publish(db(), [sensorDefinition("slow", { minimumIntervalSeconds: 60 })]);
    const called = new Times();
    let answer!: () => void;
    const { loop } = daemon(db(), {
      slow: async () => {
        const answered = new Promise<void>((resolve) => (answer = resolve));
        called.add();
        await answered;
        return { runRequests: [{}], cursor: "its" };
      },
    });
    await called.until(1);
    await change();
    answer();
    // With the cursor given it is evaluated anew: that one is given up by the stop below.
    const stopped = loop.stop();
    if (called.items.length > 1) answer();
    await stopped;
    expect(await ticksOf(db(), "slow")).toEqual([]);
    expect(await runsOf(db())).toEqual([]);
    expect(await cursorOf(db(), "slow")).not.toBe("its");
  });

  test("a stop waits for an evaluation, then gives it up, and another daemon takes the sensor at once", async () => {
    await publish(db(), [sensorDefinition("slow")]);
    const called = new Times();
    const one = daemon(db(), { slow: () => (called.add(), new Promise(() => {})) }, { stopGraceMs: 50 });
    await called.until(1);
    await one.loop.stop();
    expect(await ticksOf(db(), "slow")).toEqual([]);
    await daemon(db(), { slow: () => ({ skipReason: "fine" }) }).ticks.until(1);
  });

  test("a dead daemon's sensor is taken over when its lease is over, not before", async () => {
    await publish(db(), [sensorDefinition("orphan")]);
    const { claimed } = await claimSensors(db(), { owner: "dead", names: ["orphan"], limit: 1, leaseMs: 700 });
    expect(claimed).toHaveLength(1);
    await daemon(db(), { orphan: () => ({}) }).ticks.until(1);
    const [tick] = await ticksOf(db(), "orphan");
    expect(tick!.started_at.getTime() - claimed[0]!.now).toBeGreaterThanOrEqual(695);
  });

  test("a lease is renewed for as long as an evaluation takes", async () => {
    await publish(db(), [sensorDefinition("long")]);
    const calls: string[] = [];
    const slow = (who: string) => async () => {
      calls.push(who);
      // Longer than the lease: only time itself can show that it does not run out.
      await new Promise((resolve) => setTimeout(resolve, 900));
      return { skipReason: who };
    };
    const one = daemon(db(), { long: slow("one") }, { leaseMs: 300 });
    const two = daemon(db(), { long: slow("two") }, { leaseMs: 300 });
    await Promise.race([one.ticks.until(1), two.ticks.until(1)]);
    expect(calls).toHaveLength(1);
  });
});
