import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import type { WorkerBeat } from "../../core/messages";
import { publishSensors } from "../../store/instigators";
import { collect, generator, item, job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { items, startWorld, type World } from "./world";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
let document: any;
let run: string;
let beating: NodeJS.Timeout;
beforeAll(async () => {
  database = await open();
  world = await startWorld(database);
  await world.publish(
    job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] }), op("sum", { in: [collect("work")] })),
  );
  world.ops = {
    gen: () => items({ a: 1, b: 2 }),
    work: (_step, input) => {
      if (input === 2) throw new Error("no");
      return input;
    },
  };
  run = await world.launch({ job: "demo" });
  await world.ended(run);
  const sensor = {
    name: "watch",
    kind: "sensor" as const,
    jobs: ["demo"],
    description: null,
    minimumIntervalSeconds: 30,
    defaultStatus: "RUNNING" as const,
    runStatuses: [],
    monitoredJobs: [],
  };
  await publishSensors(world.db, { codeVersion: "v", sensors: [sensor] });
  await world.db.query(
    `insert into ticks (id, instigator, status, started_at, ended_at) values ('0198f3c2-7d41-7000-8000-000000000000', 'watch', 'SKIPPED', now(), now())`,
  );
  const beat: WorkerBeat = {
    ...{ worker: "w1", host: "h", pid: 1, seq: 1, queues: ["default", "slow"], slots: 4, busy: 1, processes: 2 },
    ...{
      concurrency: 2,
      codeVersion: "v",
      ops: 3,
      startedAt: Date.now(),
      cpu: 0.5,
      rss: 1e8,
      holds: [],
      draining: false,
    },
  };
  const beats = world.bus.fanout<WorkerBeat>("beats");
  await beats.publish(beat);
  // A worker that is silent for six seconds is not shown any more.
  beating = setInterval(() => void beats.publish(beat), 1_000);
  document = (await world.call("GET", "/api/openapi.json")).body;
});
afterAll(async () => {
  clearInterval(beating);
  await world?.stop();
  await database?.stop();
});

/** Every route of the gateway, as `METHOD /path/{param}`. */
const routesOfGateway = (): string[] => {
  const { aliases } = world.broker.getLocalService("api") as unknown as {
    aliases: { method: string; fullPath: string }[];
  };
  return aliases
    .filter(({ method }) => method !== "HEAD")
    .map(({ method, fullPath }) => `${method} ${fullPath.replace(/:(\w+)/g, "{$1}")}`);
};

test("every route of the interface is described, and nothing else", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const pages = ["GET /api/docs", "GET /api/session/company"];
  const served = routesOfGateway().filter((route) => !pages.includes(route));
  expect(described.sort()).toEqual(served.sort());
});

test("the description is OpenAPI 3.1 whose references and schemas hold", () => {
  expect(document.openapi).toBe("3.1.0");
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  for (const name of JSON.stringify(document).match(/(?<="#\/components\/schemas\/)\w+/g) ?? [])
    expect(document.components.schemas).toHaveProperty(name);
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods as object));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { parameters, responses } of operations) {
    expect(Object.keys(responses).some((status) => Number(status) < 300)).toBe(true);
    for (const { schema } of parameters) ajv.compile(schema);
  }
});

test("what the routes answer is as described", async () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: "doc", components: document.components });
  const check = (path: string, method: string, status: number, body: unknown): void => {
    const reply = document.paths[path][method.toLowerCase()].responses[status];
    expect([path, status, reply !== undefined]).toEqual([path, status, true]);
    const schema = Object.values<any>(reply.content)[0].schema;
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll("#/components", "doc#/components")));
    validate(body);
    expect([path, validate.errors]).toEqual([path, null]);
  };
  const bulk = await world.call("POST", "/api/runs/bulk", {
    ...{ verb: "reexecute", from: "start", filter: { id: [run] }, count: 1 },
  });
  check("/api/runs/bulk", "POST", 202, bulk.body);
  check(
    "/api/runs/bulk/{id}/stop",
    "POST",
    200,
    (await world.call("POST", `/api/runs/bulk/${bulk.body.id}/stop`)).body,
  );
  const key = await world.call("POST", "/api/keys", { name: "me", role: "viewer" });
  check("/api/keys", "POST", 201, key.body);
  check("/api/keys/{id}", "DELETE", 200, (await world.call("DELETE", `/api/keys/${key.body.id}`)).body);
  // Its shard changed hands while it went on.
  await world.db.query(
    `insert into takeovers (shard, epoch, at, owner, former, how, stalled_ms, runs, sent_again)
     select shard, 8e15, created_at, 'c2', 'c1', 'silent', 5250, 1, 0 from runs where id = $1`,
    [run],
  );
  const values: Record<string, string> = { id: run, other: run, name: "watch", key: "work[a]" };
  for (const [path, methods] of Object.entries<any>(document.paths)) {
    if (!methods.get || path === "/api/stream" || path === "/metrics") continue;
    const named = {
      ...values,
      ...(path.startsWith("/api/jobs") && { name: "demo" }),
      ...(path.startsWith("/api/runs/bulk") && { id: bulk.body.id }),
    };
    const real = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((named as any)[name]));
    const { status, body } = await world.call("GET", real);
    check(path, "GET", status, body);
    expect([path, status]).toEqual([path, 200]);
    // A worker is lost after seconds only.
    if (Array.isArray(body.items) && !path.endsWith("/items") && !path.endsWith("/lost"))
      expect([path, body.items.length > 0]).toEqual([path, true]);
  }
  let finish!: () => void;
  const told = new Promise<void>((resolve) => (finish = resolve));
  world.ops.gen = () => told.then(() => items({}));
  const launched = await world.call("POST", "/api/runs", { job: "demo" });
  check("/api/runs", "POST", 201, launched.body);
  check("/api/runs", "POST", 404, (await world.call("POST", "/api/runs", { job: "nope" })).body);
  check(
    "/api/runs/{id}/reexecute",
    "POST",
    201,
    (await world.call("POST", `/api/runs/${run}/reexecute`, { from: "failure" })).body,
  );
  check("/api/runs/{id}/cancel", "POST", 202, (await world.call("POST", `/api/runs/${launched.body.id}/cancel`)).body);
  finish();
});

test("workers, queues and coordinators show who lives", async () => {
  const { body: workers } = await world.call("GET", "/api/workers");
  expect(workers.items).toMatchObject([{ id: "w1", slots: 4, busy: 1, code_version: "v" }]);
  const { body: queues } = await world.call("GET", "/api/queues");
  expect(queues.items.map(({ name, slots }: any) => [name, slots])).toEqual([
    ["default", 4],
    ["slow", 4],
  ]);
  const { body: coordinators } = await world.call("GET", "/api/coordinators");
  expect(coordinators.items).toMatchObject([{ live: true, shards: [0, 1, 2, 3, 4, 5, 6, 7] }]);
});

test("figures are Prometheus' text and agree with the lists", async () => {
  const { status, body, headers } = await world.call("GET", "/metrics");
  expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const { body: failed } = await world.call("GET", "/api/runs?status=FAILURE&limit=1000");
  expect(body).toContain(`dagster_run_count{status="FAILURE"} ${failed.items.length}`);
  expect(body).toContain('dqueue_worker_slots{worker="w1"} 4');
  expect(body).toContain("dqueue_http_request_duration_seconds_count");
});

test("ready says what it has looked at; health only that the process lives", async () => {
  const { status, body } = await world.call("GET", "/api/ready");
  expect([status, body.status, body.checks.map(({ name }: any) => name)]).toEqual([
    200,
    "ready",
    ["database", "migrations", "broker"],
  ]);
  expect((await world.call("GET", "/api/health")).body).toEqual({ status: "ok", version: "1.2.3" });
  expect((await fetch(`${world.url}/api/health`, { method: "HEAD" })).status).toBe(200);
});

test("the pages load nothing from elsewhere and run no inline script", async () => {
  for (const path of ["/api/docs"]) {
    const { status, body, headers } = await world.call("GET", path);
    expect(status).toBe(200);
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(body).not.toMatch(/https?:\/\/|<script(?![^>]*src=)|\son\w+=|style=/);
    for (const [, link] of (body as string).matchAll(/(?:src|href)="(\/[^"]*)"/g))
      expect([link, (await world.call("GET", link!)).status]).toEqual([link, 200]);
  }
});
