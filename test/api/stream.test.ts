import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { v7 } from "uuid";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { generator, item, job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { eventually } from "../support/eventually";
import { items, startWorld, type World } from "./world";
import { addEvents } from "../support/add-events";

const GRAPH = job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] }));

/** A client that reads as told. */
class Listener {
  readonly messages: EventSourceMessage[] = [];
  private readonly waiting = new Set<() => void>();
  closed = false;

  private constructor(readonly response: IncomingMessage) {
    const parser = createParser({ onEvent: (message) => this.messages.push(message) });
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      parser.feed(text);
      for (const check of this.waiting) check();
    });
    response.on("close", () => {
      this.closed = true;
      for (const check of this.waiting) check();
    });
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<Listener> {
    return new Promise((resolve, reject) =>
      request(url, { headers, agent: false }, (response) => resolve(new Listener(response)))
        .on("error", reject)
        .end(),
    );
  }

  async until(done: (listener: Listener) => boolean): Promise<void> {
    if (done(this)) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!done(this)) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
  }

  data(event: string): any[] {
    return this.messages.filter((message) => message.event === event).map(({ data }) => JSON.parse(data));
  }

  close(): void {
    this.response.destroy();
  }
}

const hasEnded = (listener: Listener): boolean => listener.data("run_event").some(({ type }) => type === "RUN_SUCCESS");

describe.each(DATABASES)("the live stream on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database);
    await world.publish(GRAPH);
    world.ops = { gen: () => items({ a: 1, b: 2, c: 3 }) };
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  test("a run's events come from the first on, each once and in order", async () => {
    const id = await world.launch({ job: "demo" });
    const listener = await Listener.open(`${world.url}/api/stream?topics=run:${id}`);
    await listener.until(hasEnded);
    const { body } = await world.call("GET", `/api/runs/${id}/events?limit=1000`);
    expect(listener.data("run_event").map(({ run: _run, ...event }) => event)).toEqual(body.items);
    listener.close();
  });

  test("a stream that broke off goes on behind its last event, by header or by parameter", async () => {
    const id = await world.launch({ job: "demo" });
    const first = await Listener.open(`${world.url}/api/stream?topics=run:${id}`);
    await first.until((listener) => listener.data("run_event").length >= 4);
    first.close();
    const { id: last } = first.messages.filter(({ event }) => event === "run_event")[3]!;
    const byHeader = await Listener.open(`${world.url}/api/stream?topics=run:${id}`, { "last-event-id": last! });
    const byParameter = await Listener.open(
      `${world.url}/api/stream?topics=run:${id}&last_event_id=${encodeURIComponent(last!)}`,
    );
    for (const listener of [byHeader, byParameter]) {
      await listener.until(hasEnded);
      const seqs = listener.data("run_event").map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, i) => i + 5));
      listener.close();
    }
  });

  test("the topic runs tells of every status that a run takes while it is watched, also across a break", async () => {
    const listener = await Listener.open(`${world.url}/api/stream?topics=runs`);
    let finish!: () => void;
    const told = new Promise<void>((resolve) => (finish = resolve));
    const { gen } = world.ops;
    world.ops.gen = async (...of) => told.then(() => gen!(...of));
    const id = await world.launch({ job: "demo" });
    const ofRun = (one: Listener): any[] => one.data("run").filter((run) => run.id === id);
    await listener.until((one) => ofRun(one).length > 0);
    const { id: last } = listener.messages.find(({ data }) => data.includes(id))!;
    listener.close();
    finish();
    world.ops.gen = gen!;
    await world.ended(id);
    const resumed = await Listener.open(`${world.url}/api/stream?topics=runs`, { "last-event-id": last! });
    await resumed.until((one) => ofRun(one).some(({ status }) => status === "SUCCESS"));
    expect(ofRun(resumed).at(-1)).not.toHaveProperty("config");
    resumed.close();
  });

  test("ticks come as they end, and none that had ended before", async () => {
    await world.db.query(
      `insert into instigators (name, kind, definition, code_version, status) values ('s', 'sensor', '{}', 'v', 'RUNNING')
       on conflict do nothing`,
    );
    const tick = (id: string): Promise<unknown> =>
      world.db.query(
        `insert into ticks (id, instigator, status, started_at, ended_at) values ($1, 's', 'SKIPPED', now(), now())`,
        [id],
      );
    await tick(v7());
    const listener = await Listener.open(`${world.url}/api/stream?topics=ticks`);
    const ids = [v7(), v7()];
    for (const id of ids) {
      await tick(id);
      await world.broker.broadcast("ticks.changed", { instigators: ["s"] }, { groups: ["api"] });
    }
    await listener.until((one) => one.data("tick").length >= 2);
    expect(listener.data("tick").map(({ id }) => id)).toEqual(ids);
    listener.close();
  });

  test("a client that goes while its places are looked up leaves no stream behind", async () => {
    const id = await world.launch({ job: "demo" });
    const { hostname, port } = new URL(world.url);
    const asked = `GET /api/stream?topics=run:${id} HTTP/1.1\r\nHost: ${hostname}\r\nExpect: 100-continue\r\n\r\n`;
    await world.db.transaction(async (tx) => {
      await tx.query("lock table runs");
      for (let n = 0; n < 5; n++) {
        const socket = connect(Number(port), hostname);
        socket.write(asked);
        // The server is at it.
        await once(socket, "data");
        socket.resetAndDestroy();
      }
      await world.call("GET", "/api/health");
    });
    const open = async () => /^dqueue_streams (\d+)$/m.exec(String((await world.call("GET", "/metrics")).body))?.[1];
    await eventually(async () => (await open()) === "0");
  });

  test("a client that reads slowly is given no more than it takes, and loses nothing", async () => {
    const id = await world.launch({ job: "demo" });
    await world.ended(id);
    const big = "x".repeat(20_000);
    const many = Array.from(
      { length: 1_500 },
      (_, n) => ({ seq: 100 + n, type: "ENGINE_EVENT", data: { text: big } }) as const,
    );
    await addEvents(world.db, id, many);
    const { rows } = await world.db.query<{ seq: number }>(
      `select max(seq) as seq from events where run_id = $1 and seq < 100`,
      [id],
    );
    const listener = await Listener.open(`${world.url}/api/stream?topics=run:${id}`);
    listener.response.pause();
    const before = process.memoryUsage().rss;
    await world.ended(await world.launch({ job: "demo" }));
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    listener.response.resume();
    await listener.until(
      ({ messages }) => messages.filter(({ event }) => event === "run_event").length >= 1500 + rows[0]!.seq,
    );
    expect(
      listener
        .data("run_event")
        .slice(-1500)
        .map(({ seq }) => seq),
    ).toEqual(Array.from({ length: 1500 }, (_, i) => i + 100));
    listener.close();
  });

  test("bad topics and places are refused before a stream begins; an unknown run is 404", async () => {
    for (const [query, status, parameter] of [
      ["topics=nope", 400, "topics"],
      ["topics=run:7", 400, "topics"],
      [`topics=${Array.from({ length: 21 }, (_, i) => `run:${i}`).join(",")}`, 400, "topics"],
      ["topics=runs&last_event_id=runs=x", 400, "last_event_id"],
      ["topics=run:0198f3c2-7d41-7000-8000-000000000000", 404, undefined],
    ] as const) {
      const answer = await world.call("GET", `/api/stream?${query}`);
      expect([answer.status, answer.body.parameter]).toEqual([status, parameter]);
    }
  });
});

test("a stop ends open streams and does not wait for them", async () => {
  const database = await DATABASES[0]![1]();
  const world = await startWorld(database, { coordinator: false });
  const listeners = await Promise.all([1, 2, 3].map(() => Listener.open(`${world.url}/api/stream?topics=runs,ticks`)));
  await world.stop();
  await Promise.all(listeners.map((listener) => listener.until(({ closed }) => closed)));
  await database.stop();
});
