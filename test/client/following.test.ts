import { createServer, request, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DqueueClient, type LogLine, type RunEvent } from "../../client";
import { items, startWorld, type World } from "../api/world";
import { collect, generator, item, job, op } from "../core/graphs";
import { freePort } from "../support/free-port";
import { DATABASES, type TestDatabase } from "../support/databases";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
let client: DqueueClient;
const proxies: Server[] = [];

beforeAll(async () => {
  database = await open();
  world = await startWorld(database);
  client = new DqueueClient(world.url);
  await world.publish(job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] })));
});
afterAll(async () => {
  for (const proxy of proxies) {
    proxy.closeAllConnections();
    proxy.close();
  }
  await world?.stop();
  await database?.stop();
});

/** Ops that wait until they are let go. */
const held = (): { begun: Promise<void>; release(): void } => {
  let begin!: () => void;
  let release!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const left = new Promise<void>((resolve) => (release = resolve));
  world.ops = {
    gen: async () => {
      begin();
      await left;
      return items({ a: 1, b: 2 });
    },
    work: (_step, input) => input,
  };
  return { begun, release };
};

/** A proxy that does as it likes with streams, and hands on everything else. */
const proxy = async (streams: RequestListener): Promise<{ client: DqueueClient; asked: string[] }> => {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming.url!);
    if (incoming.url!.startsWith("/api/stream")) return streams(incoming, outgoing);
    const { method, url, headers } = incoming;
    const onward = request(`${world.url}${url}`, { method, headers: { ...headers, host: new URL(world.url).host } });
    onward.on("response", (answer) => answer.pipe(outgoing.writeHead(answer.statusCode!, answer.headers)));
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxies.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { client: new DqueueClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), asked };
};

test("where no stream can be had a wait asks for the events: each is heard once, in order", async () => {
  const { begun, release } = held();
  const { id } = await client.runs.launch({ job: "demo" });
  await begun;
  const ways = await Promise.all([
    proxy((_, outgoing) => outgoing.writeHead(403).end("<html>no streams here")),
    proxy((_, outgoing) => outgoing.writeHead(200, { "content-type": "text/html" }).end("<html>please log in")),
    proxy((_, outgoing) => outgoing.destroy()),
    // Holds it back for ever.
    proxy(() => {}),
  ]);
  const heard = ways.map((): RunEvent[] => []);
  const ends = ways.map((way, i) =>
    way.client.runs.wait(id, (event) => {
      heard[i]!.push(event);
      if (heard.every(({ length }) => length > 0)) release();
    }),
  );
  for (const run of await Promise.all(ends)) expect(run).toMatchObject({ id, status: "SUCCESS" });
  for (const events of heard) {
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.at(-1)!.type).toBe("RUN_SUCCESS");
  }
  for (const { asked } of ways) expect(asked.some((url) => url.startsWith("/api/stream"))).toBe(true);
});

test("by a stream nothing is asked for until the end", async () => {
  const { begun, release } = held();
  const way = await proxy((incoming, outgoing) => {
    const onward = request(`${world.url}${incoming.url}`, { headers: { accept: "text/event-stream" } });
    onward.on("response", (answer) => answer.pipe(outgoing.writeHead(answer.statusCode!, answer.headers)));
    onward.end();
  });
  const { id } = await way.client.runs.launch({ job: "demo" });
  const types: string[] = [];
  await begun;
  release();
  for await (const { type } of way.client.runs.follow(id)) types.push(type);
  expect(types.at(-1)).toBe("RUN_SUCCESS");
  expect(way.asked.filter((url) => !url.startsWith("/api/stream"))).toEqual(["/api/runs"]);
});

test("what is followed can be called off, and what the server refuses is thrown", async () => {
  const { begun, release } = held();
  const { id } = await client.runs.launch({ job: "demo" });
  const stop = new AbortController();
  for await (const { type } of client.runs.follow(id, { signal: stop.signal }))
    if (type === "STEP_QUEUED") stop.abort();
  await begun;
  for await (const _line of client.runs.followLogs(id, { signal: stop.signal })) throw new Error("It was called off.");
  release();
  await client.runs.wait(id);
  const unknown = "0198f3c2-7d41-7000-8000-000000000000";
  for (const following of [client.runs.follow(unknown), client.runs.followLogs(unknown)])
    await expect(following.next()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
});

test("lines are followed to the last, each once; those of a run that has ended are there at once", async () => {
  const { begun, release } = held();
  const { id } = await client.runs.launch({ job: "demo" });
  await begun;
  const followed: LogLine[] = [];
  const following = (async () => {
    for await (const line of client.runs.followLogs(id)) followed.push(line);
  })();
  release();
  await following;
  const all: LogLine[] = [];
  for await (const line of client.runs.allLogs(id)) all.push(line);
  expect(all.map(({ step }) => step).sort()).toEqual(["gen", "work[a]", "work[b]"]);
  expect(followed).toEqual(all);
  const rest: LogLine[] = [];
  for await (const line of client.runs.followLogs(id, { after: all[0]!.id, step: all[2]!.step })) rest.push(line);
  expect(rest).toEqual([all[2]]);
});

test("who follows the lines of a server that is not there is told at once", async () => {
  const nowhere = new DqueueClient(`http://127.0.0.1:${await freePort()}`);
  const lines = nowhere.runs.followLogs("0198f3c2-7d41-7000-8000-000000000000");
  await expect(lines.next()).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("a run's output is that of the step that nothing else reads, or those of several by their keys", async () => {
  world.ops = { gen: () => items({ a: 1, b: 2 }), work: (_step, input) => input, sum: () => ({ sum: 3 }) };
  const mapped = await client.runs.launch({ job: "demo" });
  await client.runs.wait(mapped.id);
  expect(await client.runs.output(mapped.id)).toEqual({ "work[a]": 1, "work[b]": 2 });

  const single = job(
    generator("gen"),
    op("work", { over: ["gen"], in: [item("gen")] }),
    op("sum", { in: [collect("work")] }),
  );
  await world.publish({ ...single, job: "summed" });
  const { id } = await client.runs.launch({ job: "summed" });
  await client.runs.wait(id);
  expect(await client.runs.output(id)).toEqual({ sum: 3 });
});

test("a user and password in the URL are sent as basic authentication and never shown", async () => {
  let authorization: string | undefined;
  const server = createServer(({ headers }, answer) => {
    ({ authorization } = headers);
    answer.writeHead(401).end();
  });
  proxies.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const error = await new DqueueClient(`http://me:s%C3%A9cret@127.0.0.1:${port}/`).jobs
    .list()
    .catch((thrown) => thrown);
  expect(authorization).toBe(`Basic ${Buffer.from("me:sécret").toString("base64")}`);
  expect(error.message).toBe(`http://127.0.0.1:${port} answered 401, and not as a dqueue server does.`);
});
