import { ServiceBroker } from "moleculer";
import { createBus } from "../../bus";
import type { SensorAnswer, SensorContext } from "../../core/sensing";
import { sensorsService } from "../../services/sensors.service";
import { getSensor, listSensors, publishSensors } from "../../store/instigators";
import { DATABASES, type TestDatabase } from "../support/databases";
import { emptyTables, endRuns, publish, runsOf, sensorDefinition, ticksOf, Times } from "./rig";

type Answers = Record<string, (context: SensorContext) => Partial<SensorAnswer>>;

describe.each(DATABASES)("the service `sensors` on %s", (_name, open) => {
  let database: TestDatabase;
  let broker: ServiceBroker | null = null;
  const db = () => database.db;
  beforeAll(async () => void (database = await open()));
  beforeEach(() => emptyTables(db()));
  afterEach(async () => {
    await broker?.stop();
    broker = null;
  });
  afterAll(() => database.stop());

  /** A daemon with its broker; what it tells the admitter and the API is collected. */
  const start = async (answers: Answers) => {
    const looks = new Times<unknown>();
    const ticks = new Times<string[]>();
    const node = new ServiceBroker({
      logger: false,
      middlewares: [createBus({ mode: "local", namespace: "test" }).middleware],
    });
    node.createService(
      sensorsService(node, {
        db: db(),
        evaluate: (name, context) => Promise.resolve({ runRequests: [], skipReason: null, ...answers[name]!(context) }),
        sensorNames: () => Object.keys(answers),
      }),
    );
    node.createService({
      name: "coordinator",
      actions: {
        receive: {
          durable: { key: "shard" },
          handler: (ctx: { params: unknown[] }) =>
            ctx.params.map(() => Promise.resolve(ctx.params.forEach((l) => looks.add(l)))),
        },
      } as never,
    });
    node.createService({
      name: "api",
      events: { "ticks.changed": (ctx: { params: { instigators: string[] } }) => ticks.add(ctx.params.instigators) },
    });
    broker = node;
    await node.start();
    await node.mailbox("coordinator.receive").open(0);
    return { node, looks, ticks };
  };

  test("tells the admitter of runs and the API of ticks", async () => {
    await publish(db(), [sensorDefinition("one", { minimumIntervalSeconds: 60 })]);
    const { looks, ticks } = await start({ one: () => ({ runRequests: [{}] }) });
    expect(await looks.until(1)).toEqual([{ type: "look", shard: 0, at: "queue" }]);
    expect(await ticks.until(1)).toEqual([["one"]]);
  });

  test("starts, stops, shows, lists, and gives cursors", async () => {
    await publish(db(), [sensorDefinition("a", { defaultStatus: "STOPPED" }), sensorDefinition("b")]);
    const { node, ticks } = await start({ a: () => ({ skipReason: "why" }), b: () => ({}) });
    expect(await node.call("sensors.list", { limit: 1 })).toMatchObject({ items: [{ name: "a" }], next_cursor: "a" });
    expect(await node.call("sensors.list", { cursor: "a" })).toMatchObject({
      items: [{ name: "b" }],
      next_cursor: null,
    });
    expect(await node.call("sensors.start", { name: "a" })).toMatchObject({ status: "RUNNING", status_by_user: true });
    while (!ticks.items.flat().includes("a") || (await ticksOf(db(), "a")).length < 3)
      await ticks.until(ticks.items.length + 1);
    expect(await node.call("sensors.stop", { name: "a" })).toMatchObject({ status: "STOPPED" });
    const page = await node.call<{ items: { id: string; started_at: Date }[]; next_cursor: string }, object>(
      "sensors.ticks",
      { name: "a", limit: 2, status: "SKIPPED" },
    );
    expect(page.items).toMatchObject([{ status: "SKIPPED", skip_reason: "why" }, { status: "SKIPPED" }]);
    const next = await node.call<typeof page, object>("sensors.ticks", { name: "a", cursor: page.next_cursor });
    expect(next.items[0]!.started_at.getTime()).toBeLessThanOrEqual(page.items[1]!.started_at.getTime());
    expect(page.items.map(({ id }) => id)).not.toContain(next.items[0]!.id);

    const { version } = await getSensor(db(), "a");
    expect(await node.call("sensors.setCursor", { name: "a", cursor: "c", version })).toMatchObject({ cursor: "c" });
    await expect(node.call("sensors.setCursor", { name: "a", cursor: "d", version })).rejects.toMatchObject({
      type: "VERSION_CONFLICT",
    });
    await expect(node.call("sensors.start", { name: "a", version })).rejects.toMatchObject({
      type: "VERSION_CONFLICT",
    });
    await expect(node.call("sensors.setCursor", { name: "a", cursor: "d\0" })).rejects.toMatchObject({
      type: "UNSTORABLE",
      data: { pointer: "/cursor" },
    });
    await expect(node.call("sensors.start", { name: "nobody" })).rejects.toMatchObject({ type: "SENSOR_NOT_FOUND" });
    await expect(node.call("sensors.ticks", { name: "a", cursor: "?" })).rejects.toMatchObject({
      type: "INVALID_CURSOR",
    });
  });

  test("tries a sensor out without effect", async () => {
    await publish(db(), [sensorDefinition("a", { defaultStatus: "STOPPED" })]);
    await db().query(`insert into run_keys values ('a', sha256('old'), 'old', gen_random_uuid())`);
    const answer = ({ cursor }: SensorContext) => ({
      cursor: `${cursor}!`,
      runRequests: [{ runKey: "old" }, { runKey: "new" }],
    });
    const { node } = await start({ a: answer });
    expect(await node.call("sensors.test", { name: "a", cursor: "here" })).toMatchObject({
      status: "SUCCESS",
      cursor: "here!",
      known_run_keys: ["old"],
      run_requests: [
        { job: "demo", run_key: "old", would_launch: false },
        { job: "demo", run_key: "new", would_launch: true },
      ],
    });
    expect(await runsOf(db())).toEqual([]);
    expect(await ticksOf(db(), "a")).toEqual([]);
    expect((await getSensor(db(), "a")).cursor).toBeNull();
  });

  test("calls who watches runs soon after one has ended, although the interval is long", async () => {
    const watched = { kind: "run_status_sensor", runStatuses: ["FAILURE"], minimumIntervalSeconds: 600 } as const;
    await publish(db(), [
      sensorDefinition("launcher", { minimumIntervalSeconds: 600 }),
      sensorDefinition("watcher", { ...watched, runStatuses: [...watched.runStatuses] }),
    ]);
    const seen = new Times<string>();
    const { node, looks, ticks } = await start({
      launcher: () => ({ runRequests: [{}] }),
      watcher: ({ run }) => (seen.add(run!.id), {}),
    });
    await looks.until(1);
    while (!ticks.items.flat().includes("watcher")) await ticks.until(ticks.items.length + 1);
    const [run] = await runsOf(db());
    await endRuns(db(), [run!.id], "FAILURE");
    await node.broadcast(
      "runs.changed",
      { runs: [{ id: run!.id, job: "demo", status: "FAILURE", seq: 9 }] },
      { groups: ["api"] },
    );
    expect(await seen.until(1)).toEqual([run!.id]);
  });

  test("a default status counts until a user has started or stopped; an older version's definition never", async () => {
    const at = async (defaultStatus: "RUNNING" | "STOPPED", codeVersion: string) => {
      await publishSensors(db(), {
        codeVersion,
        sensors: [sensorDefinition("a", { defaultStatus, description: codeVersion })],
      });
      const { status, definition } = await getSensor(db(), "a");
      return [status, definition.description];
    };
    expect(await at("STOPPED", "v1")).toEqual(["STOPPED", "v1"]);
    expect(await at("RUNNING", "v2")).toEqual(["RUNNING", "v2"]);
    expect(await at("STOPPED", "v1")).toEqual(["RUNNING", "v2"]);
    const { node } = await start({});
    await node.call("sensors.stop", { name: "a" });
    expect(await at("RUNNING", "v3")).toEqual(["STOPPED", "v3"]);
  });

  test("a sensor that the newest code lacks is in no list until it comes back, with its cursor", async () => {
    await publish(db(), [sensorDefinition("a"), sensorDefinition("b")]);
    const { node } = await start({});
    await node.call("sensors.setCursor", { name: "a", cursor: "kept" });
    const names = async () => (await listSensors(db(), { limit: 9 })).items.map(({ name }) => name);
    await publishSensors(db(), { codeVersion: "v2", sensors: [sensorDefinition("b")] });
    expect(await names()).toEqual(["b"]);
    await publishSensors(db(), { codeVersion: "v1", sensors: [sensorDefinition("a")] });
    expect(await names()).toEqual(["b"]);
    await publishSensors(db(), { codeVersion: "v3", sensors: [sensorDefinition("a"), sensorDefinition("b")] });
    expect(await names()).toEqual(["a", "b"]);
    expect((await getSensor(db(), "a")).cursor).toBe("kept");
  });
});
