import { job, op } from "../core/graphs";
import { settingItems } from "../../services/http/setting-items";
import { readSettings } from "../../services/settings";
import { DATABASES, type TestDatabase } from "../support/databases";
import { eventually } from "../support/eventually";
import { startWorld, type World } from "./world";

test("where processes were told otherwise, each value stands with those that have it", () => {
  const told = (id: string, environment: NodeJS.ProcessEnv) => ({ id, settings: readSettings(environment).told });
  const nodes = [
    told("a", { NAMESPACE: "x" }),
    told("b", {}),
    told("c", { NAMESPACE: "x" }),
    { id: "d", settings: [] },
  ];
  expect(settingItems(nodes).find(({ name }) => name === "NAMESPACE")!.values).toEqual([
    { value: "x", origin: "environment", nodes: ["a", "c"] },
    { value: "default", origin: "default", nodes: ["b"] },
  ]);
});

describe.each(DATABASES)("the deployment on %s", (name, open) => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { environment: { AMQP_URL: "amqp://ledger:hunter2@mq" } });
    await world.publish(job(op("a")));
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  const read = async (): Promise<any> => (await world.call("GET", "/api/deployment")).body;

  test("tells each process with its roles and what it holds", async () => {
    const { nodes } = await read();
    expect(nodes).toEqual([
      {
        ...{ id: world.broker.nodeID, host: expect.any(String), roles: ["webserver", "daemon", "worker"] },
        ...{ pid: process.pid, up_seconds: expect.any(Number), rss: expect.any(Number), heap_used: expect.any(Number) },
        ...{ cpu: expect.any(Number), cpu_hour: expect.any(Array), loop_p99_ms: expect.any(Number) },
        ...{ shards: 8, runs: 0, work: { ticks_per_second: null, requests_per_second: null, streams: 0 } },
      },
    ]);
    expect(nodes[0].rss).toBeGreaterThan(nodes[0].heap_used);
  });

  test("tells the doctor's findings, with passwords replaced, and puts on record who asked", async () => {
    const { status, body } = await world.call("POST", "/api/doctor");
    expect([status, body.node, body.ok]).toEqual([200, world.broker.nodeID, false]);
    const of = (check: string) => body.findings.find((one: any) => one.check === check);
    expect(of("node")).toEqual({ check: "node", state: "ok", text: expect.stringMatching(/^Node /), todo: null });
    expect(of("database")).toMatchObject({
      state: "ok",
      text: expect.stringMatching(name === "embedded" ? /^embedded in / : /^PostgreSQL \d+.* at postgres:/),
    });
    expect(of("migrations")).toMatchObject({ state: "ok", text: "up to date" });
    expect(of("broker")).toMatchObject({ state: "problem", text: expect.stringContaining("amqp://ledger:***@") });
    expect(JSON.stringify(body)).not.toContain("hunter2");
    // What a start alone or a worker needs is not looked at.
    expect(body.findings.map(({ check }: any) => check)).not.toEqual(
      expect.arrayContaining(["port", "memory", "code"]),
    );
    const { items } = (await world.call("GET", "/api/audit?action=runDoctor")).body;
    expect(items[0]).toMatchObject({ action: "runDoctor", object: "doctor", outcome: "OK" });
  });

  test("tells each setting with its origin and who has it, passwords replaced", async () => {
    const { settings } = await read();
    const of = (name: string) => settings.find((one: any) => one.name === name);
    const nodes = [world.broker.nodeID];
    expect(of("AMQP_URL")).toMatchObject({
      shared: true,
      values: [{ value: "amqp://ledger:***@mq", origin: "environment", nodes }],
    });
    expect(of("MAX_CONCURRENT_RUNS").values).toEqual([{ value: "200", origin: "default", nodes }]);
    expect(of("DQUEUE_CONCURRENCY")).toMatchObject({ shared: false, values: [{ value: "1 (dqueue dev: 8)" }] });
    expect(JSON.stringify(settings)).not.toContain("hunter2");
  });

  test("tells each shard with its owner, and since when", async () => {
    const { shards } = await read();
    expect(shards.map(({ id, owner, live }: any) => [id, owner, live])).toEqual(
      Array.from({ length: 8 }, (_, id) => [id, world.broker.nodeID, true]),
    );
    const { rows } = await world.db.query<{ taken: number }>(`select min(epoch) / 1000 as taken from shards`);
    expect(Math.min(...shards.map(({ since }: any) => Date.parse(since)))).toBeLessThanOrEqual(rows[0]!.taken + 1);
  });

  test("tells how each shard was taken, and what that came to", async () => {
    const taken = await eventually(
      async () => (await read()).takeovers,
      (all) => all.every(({ runs }: any) => runs !== null),
    );
    expect(taken.map(({ shard }: any) => shard).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(taken[0]).toEqual({
      ...{ shard: expect.any(Number), epoch: expect.any(Number), at: expect.any(String), owner: world.broker.nodeID },
      ...{ former: null, how: "first", stalled_ms: null, runs: 0, sent_again: 0, had_begun: 0 },
    });
  });

  test("a shard is not handed over where nobody else takes shards, and none that there is not", async () => {
    const handOver = (id: string) => world.call("POST", `/api/shards/${id}/hand-over`);
    expect(await handOver("3")).toMatchObject({ status: 409, body: { code: "NO_OTHER_COORDINATOR" } });
    const nothing = await handOver("8");
    expect(nothing).toMatchObject({ status: 404, body: { code: "SHARD_NOT_FOUND" } });
    expect(nothing.body.detail).toBe('There is no shard "8": they are 0 to 7.');
    expect((await read()).shards[3].owner).toBe(world.broker.nodeID);
  });

  test("tells the migrations, and tables by their size with their days in them", async () => {
    const { migrations, storage } = await read();
    expect(migrations.applied[0].name).toBe("001_initial.sql");
    expect(migrations.pending).toEqual([]);
    expect(storage.database).toBe(name === "embedded" ? "embedded" : "postgresql");
    const of = (table: string) => storage.tables.find((one: any) => one.name === table);
    expect([of("steps").partitions, of("runs").partitions]).toEqual([1, 0]);
    expect(storage.tables.some((one: any) => one.name === "steps_default")).toBe(false);
    const sizes = storage.tables.map(({ bytes }: any) => bytes);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(storage.bytes).toBe(sizes.reduce((sum: number, bytes: number) => sum + bytes, 0));
  });
});
