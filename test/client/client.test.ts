import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { ApiError, DqueueClient, type RunEvent } from "../../client";
import { items, startWorld, type World } from "../api/world";
import { generator, item, job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
let client: DqueueClient;
beforeAll(async () => {
  database = await open();
  world = await startWorld(database);
  client = new DqueueClient(world.url);
});
beforeEach(async () => {
  await world.publish(job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] })));
  world.ops = { gen: () => items({ "a-1": 1, ключ: 2 }), work: (_step, input) => input };
});
afterAll(async () => {
  await world?.stop();
  await database?.stop();
});

test("launches a run, waits for its end and hears each event once and in order", async () => {
  const { id } = await client.runs.launch({ job: "demo", tags: { t: "1" } });
  const events: RunEvent[] = [];
  const run = await client.runs.wait(id, (event) => events.push(event));
  expect(run).toMatchObject({ id, status: "SUCCESS", steps_total: 3 });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(-1)!.type).toBe("RUN_SUCCESS");
});

test("reads what a run consists of, also steps with keys of any letters", async () => {
  const { id } = await client.runs.launch({ job: "demo" });
  await client.runs.wait(id);
  const keys: string[] = [];
  for await (const step of client.runs.allSteps(id, { limit: 2 })) keys.push(step.key);
  expect(keys).toEqual(["gen", "work[a-1]", "work[ключ]"]);
  expect(await client.runs.step(id, "work[ключ]")).toMatchObject({
    outputs: { result: 2 },
    inputs: { 0: { value: 2 } },
  });
  expect((await client.runs.logs(id, { step: "work[a-1]" })).items).toHaveLength(1);
  expect((await client.runs.events(id, { after: 2, limit: 1 })).items[0]!.seq).toBe(3);
  expect((await client.runs.items(id, "gen")).items.map(({ value }) => value)).toEqual([1, 2]);
  expect((await client.runs.graph(id)).nodes.map(({ name }) => name)).toEqual(["gen", "work"]);
});

test("an idempotency key launches once; filters find the run", async () => {
  const launch = () => client.runs.launch({ job: "demo", tags: { "a/b": "x:y" } }, { idempotencyKey: "once" });
  const [first, second] = [await launch(), await launch()];
  expect(second.id).toBe(first.id);
  await client.runs.wait(first.id);
  const { items: found } = await client.runs.list({
    tags: { "a/b": "x:y" },
    status: ["SUCCESS", "FAILURE"],
    job: "demo",
  });
  expect(found.map(({ id }) => id)).toEqual([first.id]);
  const all: string[] = [];
  for await (const { id } of client.runs.all({ limit: 1 })) all.push(id);
  expect(new Set(all).size).toBe(all.length);
});

test("cancels, re-executes and deletes", async () => {
  let leave!: () => void;
  const left = new Promise<void>((resolve) => (leave = resolve));
  let enter!: () => void;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  world.ops.gen = async () => {
    enter();
    await left;
    return items({});
  };
  const { id } = await client.runs.launch({ job: "demo" });
  await entered;
  expect((await client.runs.cancel(id)).id).toBe(id);
  leave();
  expect((await client.runs.wait(id)).status).toBe("CANCELED");
  world.ops.gen = () => items({});
  const again = await client.runs.reexecute(id, { from: "failure" });
  expect(again.parent_run_id).toBe(id);
  expect((await client.runs.wait(again.id)).status).toBe("SUCCESS");
  await client.runs.delete(id);
  await expect(client.runs.get(id)).rejects.toMatchObject({ status: 404, code: "RUN_NOT_FOUND" });
});

test("what the server refuses is an ApiError with its problem document", async () => {
  const error: ApiError = await client.runs.launch({ job: "demmo" }).then(
    () => {
      throw new Error("It was launched.");
    },
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 404, code: "JOB_NOT_FOUND", problem: { nearest: ["demo"] } });
  expect(error.message).toContain("demo");
  await expect(client.runs.wait("0198f3c2-7d41-7000-8000-000000000000")).rejects.toMatchObject({
    code: "RUN_NOT_FOUND",
  });
});

test("a server that is not there, and one that is no dqueue server, are told apart", async () => {
  const stranger = createServer((_request, response) => response.end("<html>")).listen(0, "127.0.0.1");
  await new Promise((resolve) => stranger.once("listening", resolve));
  const { port } = stranger.address() as AddressInfo;
  const elsewhere = new DqueueClient(`http://127.0.0.1:${port}/`);
  await expect(elsewhere.jobs.list()).rejects.toMatchObject({ status: 200, code: "NO_DQUEUE_SERVER" });
  await new Promise((resolve) => stranger.close(resolve));
  await expect(elsewhere.jobs.list()).rejects.toMatchObject({ status: 0, code: "UNREACHABLE" });
  const secure = new DqueueClient(world.url.replace("http:", "https:"));
  await expect(secure.jobs.list()).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringMatching(/^No dqueue server answers at https:\S+ \(it does not speak https\)\.$/),
  });
});

test("lists jobs, workers, queues, coordinators and sensors", async () => {
  expect((await client.jobs.list()).items.map(({ name }) => name)).toEqual(["demo"]);
  expect((await client.jobs.get("demo")).graph.nodes).toHaveLength(2);
  expect((await client.coordinators.list()).items).toMatchObject([{ live: true }]);
  expect([(await client.workers.list()).items, (await client.sensors.list()).items]).toEqual([[], []]);
  expect(Array.isArray((await client.queues.list()).items)).toBe(true);
});

/** A link to the server that can be cut. */
const link = async (url: string): Promise<{ url: string; cut(): void; close(): Promise<void> }> => {
  const { createServer: listen } = await import("node:net");
  const sockets = new Set<Socket>();
  const { port } = new URL(url);
  const proxy = listen((near) => {
    const far = connect(Number(port), "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1") as unknown as Server;
  await new Promise((resolve) => proxy.once("listening", resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
};

test("a wait survives links that break: each event is heard once", async () => {
  const { url, cut, close } = await link(world.url);
  let leave!: () => void;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const { gen } = world.ops;
  world.ops.gen = async (...of) => left.then(() => gen!(...of));
  const { id } = await client.runs.launch({ job: "demo" });
  const events: RunEvent[] = [];
  let cuts = 0;
  const run = await new DqueueClient(url).runs.wait(id, (event) => {
    events.push(event);
    if (cuts++ < 3) cut();
    if (event.type === "STEP_QUEUED") leave();
  });
  expect(run.status).toBe("SUCCESS");
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  await close();
});

test("a stream ends when its signal says so", async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const { id } = await client.runs.launch({ job: "demo" });
  for await (const message of client.stream([`run:${id}`, "runs"], { signal: stop.signal })) {
    if (message.event !== "run_event") continue;
    seen.push(message.data.type);
    if (message.data.type === "RUN_SUCCESS") stop.abort();
  }
  expect(seen.at(-1)).toBe("RUN_SUCCESS");
  await expect(client.runs.wait(id, () => {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "ABORTED",
  });
});
