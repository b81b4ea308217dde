import { request } from "node:http";
import { publishSensors } from "../../store/instigators";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

const [, open] = DATABASES[0]!;

/** SEC-1's other half, whom a company account lets in, is in test/ui/company-account.test.ts. */
describe("SEC-1: a server on its own machine, which asks nobody", () => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { coordinator: false, sensors: { watch: () => ({ skipReason: "nothing" }) } });
    await world.publish(job(op("quick")));
    const rest = { description: null, minimumIntervalSeconds: 3600, runStatuses: [], monitoredJobs: [] };
    const sensor = { name: "watch", kind: "sensor" as const, jobs: ["demo"], defaultStatus: "RUNNING" as const };
    await publishSensors(world.db, { codeVersion: "v", sensors: [{ ...sensor, ...rest }] });
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  /** As a browser, or a program, may send it: fetch would set Host and Origin by itself. */
  const send = (method: string, path: string, headers: Record<string, string>, body = ""): Promise<[number, object]> =>
    new Promise((resolve, reject) => {
      const sent = request(world.url + path, { method, headers }, (response) => {
        response.resume().on("end", () => resolve([response.statusCode!, response.headers]));
      });
      sent.on("error", reject);
      sent.end(body);
    });

  const state = async (): Promise<object> => {
    const { rows } = await world.db.query(
      `select (select count(*) from runs) as runs, (select count(*) from runs where cancel_requested_at is not null) as canceled,
         (select status from instigators where name = 'watch') as sensor`,
    );
    return rows[0]!;
  };

  test("nothing that another web page can have a browser send changes anything", async () => {
    const run = await world.launch({ job: "demo" });
    const before = await state();
    const evil = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const json = { "content-type": "application/json" };
    const launch = JSON.stringify({ job: "demo" });
    const tries: [string, string, Record<string, string>, string?][] = [
      ["POST", "/api/runs", { ...evil, "content-type": "text/plain" }, launch],
      ["POST", "/api/runs", { ...evil, "content-type": "application/x-www-form-urlencoded" }, "job=demo"],
      ["POST", "/api/runs", { ...evil, "content-type": "multipart/form-data; boundary=x" }, "--x--"],
      ["POST", "/api/runs", { ...evil, ...json }, launch],
      ["GET", `/api/runs/${run}/cancel`, evil],
      ["GET", `/api/runs/${run}/cancel`, {}],
      ["POST", "/api/runs", { ...json, host: "evil.example" }, launch],
      ["GET", "/api/runs", { host: "evil.example" }],
      ["POST", "/api/sensors/watch/stop", evil],
      ["POST", "/api/sensors/watch/stop", { origin: "null" }],
      ["OPTIONS", "/api/runs", { ...evil, "access-control-request-method": "POST" }],
      ["OPTIONS", `/api/runs/${run}`, { ...evil, "access-control-request-method": "DELETE" }],
      ["POST", `/api/runs/${run}`, { ...json, "x-http-method-override": "DELETE" }, "{}"],
      ["GET", `/api/runs/${run}`, { "x-http-method-override": "DELETE" }],
    ];
    for (const [method, path, headers, body] of tries) {
      const [status, answered] = await send(method, path, headers, body);
      expect([method, path, headers, Math.floor(status / 100)]).toEqual([method, path, headers, 4]);
      expect(answered).not.toHaveProperty("access-control-allow-origin");
    }
    expect(await state()).toEqual(before);
    expect(before).toMatchObject({ canceled: 0, sensor: "RUNNING" });
  });

  test("the same requests as JSON and from no other page do", async () => {
    const json = { "content-type": "application/json" };
    const [launched] = await send("POST", "/api/runs", json, JSON.stringify({ job: "demo" }));
    const run = await world.launch({ job: "demo" });
    const [canceled] = await send("POST", `/api/runs/${run}/cancel`, json, "{}");
    const [stopped] = await send("POST", "/api/sensors/watch/stop", {});
    expect([launched, canceled, stopped]).toEqual([201, 202, 200]);
    expect(await state()).toMatchObject({ sensor: "STOPPED" });
  });
});
