import { createServer } from "node:net";
import { type Cluster, distributed, embedded } from "../support/cluster";
import { freePort } from "../support/free-port";
import { eventually } from "../support/eventually";
import { describeOnPostgres } from "../support/postgres";
import { BROKER_PASSWORD, describeRabbit } from "../support/rabbitmq";
import { answersOf, listenIn, nodesTell, placesWith, processesTell, tablesOf } from "./sweep";

jest.setTimeout(180_000);

/** What \`leak\` is told it tells everybody, as code does that was written in a hurry. */
const JOBS = `
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, job, op, sensor, skip, z } from "dqueue";
const wait = async () => { while (!existsSync(process.env.MARKS + "/go")) await sleep(50); };
export const held = job("held", (g) => void g.call(op({ name: "held", run: wait })));
export const one = job("one", (g) => void g.call(op({ name: "one", run: async () => {} })));

const leak = op({
  name: "leak",
  config: z.object({ token: z.string() }),
  run: async ({ config: { token }, log, progress }) => {
    log.info("asking with " + token, { token });
    progress(0.5, "asked with " + token);
    console.error(token, JSON.stringify(token), JSON.stringify(process.env));
    throw new Failure("refused: " + token, { metadata: { token, at: "https://example.com/?t=" + encodeURIComponent(token) } });
  },
});
export const leaks = job("leaks", (g) => void g.call(leak));
export const told = sensor({ name: "told", job: leaks, evaluate: () => { throw new Error("no " + process.env.DQUEUE_SECRET_SWEPT); } });
export const idle = sensor({
  name: "idle",
  job: leaks,
  defaultStatus: "RUNNING",
  evaluate: () => skip("not yet: " + process.env.DQUEUE_SECRET_SWEPT + " " + process.env.AMQP_URL),
});
`;
const SECRET = 'swept/"and\\slashed"+secret';

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

describeOnPostgres("The listener of figures and health, on PostgreSQL", () => {
  describeRabbit("and RabbitMQ", () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await distributed({
        ...{ jobs: JOBS, managedBroker: true, workers: 2 },
        settings: { DQUEUE_SECRET_SWEPT: SECRET, LOG_LEVEL: "debug" },
      });
    });
    afterAll(() => cluster?.stop());

    const urlOf = (role: "webserver" | "daemon" | "worker", path: string, index = 0): string =>
      new URL(path, cluster.metricsUrl(cluster.processes(role)[index]!)!).href;

    test.each(["webserver", "daemon", "worker"] as const)("a %s has one", async (role) => {
      const { text, status, type } = await get(urlOf(role, "/metrics"));
      expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
      expect(text).toMatch(new RegExp(`^dqueue_build_info{version="[^"]+",roles="${role}"} 1$`, "m"));
      expect(text).toMatch(/^process_cpu_seconds_total \d/m);
      const live = await get(urlOf(role, "/health/live"));
      expect([live.status, JSON.parse(live.text)]).toEqual([200, { status: "ok", version: expect.any(String) }]);
      const ready = await get(urlOf(role, "/health/ready"));
      expect(ready.status).toBe(200);
      expect(JSON.parse(ready.text).checks.map(({ name, ok }: any) => [name, ok])).toEqual(
        ["database", "migrations", "broker", "process"].map((name) => [name, true]),
      );
    });

    test("a second process of a role on a machine takes another port", () => {
      expect(urlOf("worker", "/metrics", 0)).not.toBe(urlOf("worker", "/metrics", 1));
    });

    test("it knows its three paths, for GET and HEAD", async () => {
      const nowhere = await get(urlOf("worker", "/api/runs"));
      expect([nowhere.status, nowhere.text]).toEqual([
        404,
        "There is nothing at /api/runs, only /metrics, /health/live, /health/ready.\n",
      ]);
      expect((await fetch(urlOf("worker", "/metrics"), { method: "POST" })).status).toBe(405);
      expect((await fetch(urlOf("worker", "/metrics"), { method: "HEAD" })).status).toBe(200);
    });

    test("secrets, keys, sessions and the servers' passwords are in no table, answer, stream, message, log or figure", async () => {
      const { client, url } = cluster;
      const heard = await listenIn(cluster);
      const { id: keyId, key } = await client.keys.create({ name: "swept", role: "admin" });
      const signedIn = await fetch(`${url}/api/session`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url, "sec-fetch-site": "same-origin" },
        body: JSON.stringify({ key }),
      });
      const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
      const config = { token: { $secret: "env:DQUEUE_SECRET_SWEPT" } };
      const { id } = await client.runs.launch({ job: "leaks", config });
      expect((await client.runs.wait(id)).status).toBe("FAILURE");
      expect((await client.runs.step(id, "leak")).error?.message).toBe("refused: ***");
      expect((await client.sensors.test("told")).error?.message).toBe("no ***");
      const names = { runs: id, jobs: "leaks", sensors: "told", keys: keyId, steps: "leak", compare: id };
      const places = new Map([
        ...(await answersOf(cluster, names, { authorization: `Bearer ${key}` })),
        ...[...(await answersOf(cluster, names, { cookie }))].map(
          ([path, told]) => [`${path}, signed in`, told] as const,
        ),
        ...(await tablesOf(cluster)),
        ...(await nodesTell(cluster)),
        ...(await processesTell(cluster)),
      ]);
      for (const [place, told] of await heard.end()) places.set(place, told);
      // It is looked for where it would be: what stands in its place is found.
      expect(placesWith("asking with ***", places).map((place) => place.split(/[ _]/)[0])).toEqual(
        expect.arrayContaining(["GET", "table", "message"]),
      );
      expect(placesWith("not yet: ***", places).some((place) => place.startsWith("GET /api/stream"))).toBe(true);
      const { password } = new URL(cluster.place.env.DATABASE_URL!);
      const servers = { password, broker: BROKER_PASSWORD };
      const planted = { secret: SECRET, key: key.split(".")[1]!, session: cookie.split("=")[1]!, ...servers };
      const found = Object.entries(planted).map(([what, text]) => [what, text.length > 7, placesWith(text, places)]);
      expect(found).toEqual(Object.keys(planted).map((what) => [what, true, []]));
    });

    test("a port that was asked for and is taken refuses the start, by its setting", async () => {
      const port = await freePort();
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
      cluster.place.env.METRICS_PORT = `${port}`;
      const { code, stderr } = await cluster.place.run("start", "worker");
      delete cluster.place.env.METRICS_PORT;
      other.close();
      expect(code).toBe(1);
      expect(stderr).toContain(
        `The listener of figures and health cannot listen on 127.0.0.1:${port}: another process listens there. Set METRICS_PORT`,
      );
    });

    test("by RabbitMQ's management API a queue tells what workers have in hand", async () => {
      const { client } = cluster;
      const unacked = async () => (await client.queues.list()).items.find(({ name }) => name === "default")!.unacked;
      const { id } = await client.runs.launch({ job: "held" });
      while ((await unacked()) !== 1);
      const { text } = await get(urlOf("webserver", "/metrics"));
      expect(text).toMatch(/^dqueue_queue_unacked_messages{queue="default"} \d+$/m);
      expect((await cluster.place.run("queues")).stdout).toMatch(/UNACKED[^]*default/);
      cluster.place.write("go", "");
      expect((await client.runs.wait(id)).status).toBe("SUCCESS");
      while ((await unacked()) !== 0);
    });

    test("of Moleculer's own figures none is shown where nobody has asked for them", async () => {
      expect((await get(urlOf("webserver", "/metrics"))).text).not.toContain("moleculer_");
    });

    test("without its broker a worker lives, and is not ready", async () => {
      await cluster.rabbit!.stop();
      const url = urlOf("worker", "/health/ready");
      const ready = await eventually(
        () => get(url),
        ({ status }) => status !== 200,
      );
      expect(ready.status).toBe(503);
      expect(JSON.parse(ready.text).checks.filter(({ ok }: any) => !ok)).toMatchObject([{ name: "broker" }]);
      expect((await get(urlOf("worker", "/health/live"))).status).toBe(200);
      expect((await get(urlOf("worker", "/metrics"))).status).toBe(200);
    });
  });
});

test("dqueue dev serves everything on its one port", async () => {
  const cluster = await embedded({ jobs: JOBS });
  try {
    const { port } = new URL(cluster.url);
    expect((await get(`http://127.0.0.1:${port}/metrics`)).text).toContain('roles="webserver,daemon,worker"');
    for (const path of ["/health/live", "/health/ready"])
      expect((await get(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
    expect(cluster.processes("dev")[0]!.text()).not.toContain("Figures are at");
  } finally {
    await cluster.stop();
  }
});
