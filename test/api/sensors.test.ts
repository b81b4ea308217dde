import { publishSensors } from "../../store/instigators";
import { job, op } from "../core/graphs";
import { sensorDefinition } from "../sensors/rig";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await open();
  world = await startWorld(database, {
    sensors: { files: ({ cursor }) => ({ runRequests: [{ runKey: `after-${cursor}` }], cursor: "next" }) },
  });
  await world.publish(job(op("a")));
  const stopped = { defaultStatus: "STOPPED", minimumIntervalSeconds: 3_600 } as const;
  await publishSensors(world.db, {
    codeVersion: "v",
    sensors: [sensorDefinition("files", stopped), sensorDefinition("other", { ...stopped, description: "of others" })],
  });
});
afterAll(async () => {
  await world?.stop();
  await database?.stop();
});

const post = (path: string, body?: object) => world.call("POST", `/api/sensors/${path}`, body);

test("sensors are listed by name, page by page, and shown with their cursors", async () => {
  const { body: first } = await world.call("GET", "/api/sensors?limit=1");
  expect(first.items).toMatchObject([{ name: "files", status: "STOPPED", minimum_interval_seconds: 3_600 }]);
  const { body: rest } = await world.call("GET", `/api/sensors?cursor=${first.next_cursor}`);
  expect([rest.items.map(({ description }: any) => description), rest.next_cursor]).toEqual([["of others"], null]);
  expect((await world.call("GET", "/api/sensors/files")).body).toMatchObject({ cursor: null, jobs: ["demo"] });
  expect((await world.call("GET", "/api/jobs/demo")).body.sensors).toEqual(["files", "other"]);
});

test("a test says what a tick would do and does nothing", async () => {
  const { status, body } = await post("files/test", { cursor: "c7" });
  expect(status).toBe(200);
  expect(JSON.stringify(body)).toContain("after-c7");
  expect((await world.call("GET", "/api/runs")).body.items).toEqual([]);
});

test("a started sensor ticks, launches and keeps its cursor; stopped it stays", async () => {
  const stream = new AbortController();
  const response = await fetch(`${world.url}/api/stream?topics=ticks`, { signal: stream.signal });
  expect((await post("files/start")).body).toMatchObject({ status: "RUNNING", status_by_user: true });
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    if (/event: tick[^]*\n\n/.test(text)) break;
  }
  stream.abort();
  const { body: ticks } = await world.call("GET", "/api/sensors/files/ticks?status=SUCCESS");
  expect(ticks.items).toMatchObject([{ status: "SUCCESS", run_ids: [expect.any(String)], known_run_keys: [] }]);
  const { body: run } = await world.call("GET", `/api/runs/${ticks.items[0].run_ids[0]}`);
  expect(run).toMatchObject({ run_key: "after-null", tags: { "dagster/sensor_name": "files" } });
  expect((await world.call("GET", "/api/sensors/files")).body.cursor).toBe("next");
  expect((await post("files/stop", {})).body.status).toBe("STOPPED");
});

test("a list that asks for ticks shows what sensors did lately", async () => {
  const tick = (status: string, ago: number, runs: string[], error: object | null): Promise<unknown> =>
    world.db.query(
      `insert into ticks (id, instigator, status, started_at, ended_at, run_ids, error)
       values (gen_random_uuid(), 'other', $1, now() - $2 * interval '1 hour', now(), $3, $4)`,
      [status, ago, JSON.stringify(runs), error && JSON.stringify(error)],
    );
  await tick("SUCCESS", 30, ["of yesterday"], null);
  await tick("SUCCESS", 5, ["a", "b"], null);
  await tick("SKIPPED", 4, [], null);
  await tick("FAILURE", 3, [], { name: "TypeError", message: "no" });
  await tick("FAILURE", 2, [], { name: "TypeError", message: "still not" });
  const { body } = await world.call("GET", "/api/sensors?ticks=3");
  const [, other] = body.items;
  expect(other.activity).toMatchObject({
    ticks: { status: ["SKIPPED", "FAILURE", "FAILURE"], runs: [0, 0, 0] },
    runs_24h: 2,
    error: "TypeError: still not",
  });
  expect(other.activity.failing_since).toBe(other.activity.ticks.started_at[1]);
  const { body: plain } = await world.call("GET", "/api/sensors");
  expect(plain.items[1]).not.toHaveProperty("activity");
});

test("a cursor is set or taken away; what cannot be stored is refused with a pointer", async () => {
  expect((await post("files/cursor", { cursor: "c1" })).body.cursor).toBe("c1");
  expect((await post("files/cursor", { cursor: null })).body.cursor).toBeNull();
  for (const body of [{}, { cursor: 7 }, { cursor: "a\u0000b" }, { cursor: "x", more: 1 }]) {
    const { status, body: problem } = await post("files/cursor", body);
    expect([status, typeof problem.errors[0].pointer]).toEqual([422, "string"]);
  }
});

test("changes can be bound to the version that was read", async () => {
  const { version } = (await world.call("GET", "/api/sensors/files")).body;
  expect((await post("files/start", { version })).status).toBe(200);
  const { status, body } = await post("files/stop", { version });
  expect([status, body.code]).toEqual([409, "VERSION_CONFLICT"]);
  await post("files/stop");
});

test("unknown sensors are 404, overlong names never 5xx", async () => {
  for (const path of ["nope", "nope/ticks"])
    expect((await world.call("GET", `/api/sensors/${path}`)).body.code).toBe("SENSOR_NOT_FOUND");
  for (const verb of ["start", "stop", "test"]) expect((await post(`nope/${verb}`)).body.code).toBe("SENSOR_NOT_FOUND");
  expect((await post(`${"x".repeat(1_001)}/start`)).status).toBeLessThan(500);
  expect((await world.call("GET", "/api/sensors/files/ticks?cursor=nonsense")).body.code).toBe("INVALID_CURSOR");
});

test("without a daemon reads go on and changes say who is missing", async () => {
  await world.broker.destroyService(world.broker.getLocalService("sensors")!);
  expect((await world.call("GET", "/api/sensors")).status).toBe(200);
  const { status, body } = await post("files/start");
  expect([status, body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
  expect(body.detail).toContain("daemon");
});
