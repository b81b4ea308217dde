import { request } from "node:http";
import { generator, job } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await open();
  world = await startWorld(database, { coordinator: false, allowedHosts: ["dqueue.example"] });
  await world.publish(job(generator("gen")));
});
afterAll(async () => {
  await world?.stop();
  await database?.stop();
});

interface Raw {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** fetch sets Host, Origin and Content-Length itself: these tests set them as a foreign page or a program would. */
const raw = ({
  method = "GET",
  path = "/api/runs",
  headers = {},
  body,
}: Raw): Promise<{ status: number; headers: any; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(world.url + path, { method, headers }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });

const runs = async (): Promise<number> => (await world.call("GET", "/api/runs")).body.items.length;
const JSON_TYPE = { "content-type": "application/json" };
const LAUNCH = JSON.stringify({ job: "demo" });

describe("who may drive the server", () => {
  test("a foreign page cannot: text/plain, forms, foreign or null origins change nothing", async () => {
    const before = await runs();
    for (const [headers, status, code] of [
      [{ "content-type": "text/plain", origin: "https://evil.example" }, 403, "FOREIGN_ORIGIN"],
      [{ "content-type": "text/plain" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
      [{ "content-type": "application/x-www-form-urlencoded" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
      [{}, 415, "UNSUPPORTED_MEDIA_TYPE"],
      [{ ...JSON_TYPE, origin: "https://evil.example" }, 403, "FOREIGN_ORIGIN"],
      [{ ...JSON_TYPE, origin: "null" }, 403, "FOREIGN_ORIGIN"],
      [{ ...JSON_TYPE, origin: world.url.replace("http", "https").replace(/\d+$/, "1") }, 403, "FOREIGN_ORIGIN"],
      [{ ...JSON_TYPE, "sec-fetch-site": "cross-site" }, 403, "FOREIGN_ORIGIN"],
      [{ ...JSON_TYPE, "x-http-method-override": "DELETE" }, 400, "METHOD_OVERRIDE"],
      [{ ...JSON_TYPE, host: "evil.example" }, 403, "HOST_NOT_ALLOWED"],
      [{ ...JSON_TYPE, host: "localhost.evil.example:80" }, 403, "HOST_NOT_ALLOWED"],
      [{ ...JSON_TYPE, host: "[::1]evil.example" }, 403, "HOST_NOT_ALLOWED"],
      [{ ...JSON_TYPE, host: "[::1" }, 403, "HOST_NOT_ALLOWED"],
    ] as const) {
      const answer = await raw({ method: "POST", headers: headers as Record<string, string>, body: LAUNCH });
      expect([headers, answer.status, JSON.parse(answer.text).code]).toEqual([headers, status, code]);
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    }
    expect(await runs()).toBe(before);
  });

  test("the own page and programs can", async () => {
    const accepted: Record<string, string>[] = [
      {},
      { origin: world.url },
      { host: "localhost:3000" },
      { host: "[::1]:1" },
      { host: "dqueue.example" },
    ];
    for (const headers of accepted) {
      const answer = await raw({ method: "POST", headers: { ...JSON_TYPE, ...headers }, body: LAUNCH });
      expect(answer.status).toBe(201);
    }
  });

  test.each(["/", "/api/runs", "/nowhere", "/api/stream?topics=runs", "/metrics", "/theme.js"])(
    "the host is checked on every path: %s",
    async (path) => {
      expect((await raw({ path, headers: { host: "evil.example" } })).status).toBe(403);
    },
  );

  test("a preflight is answered 405 without any permission", async () => {
    const { status, headers } = await raw({
      method: "OPTIONS",
      path: "/api/runs/0198f3c2-7d41-7000-8000-000000000000",
      headers: { origin: "https://evil.example", "access-control-request-method": "DELETE" },
    });
    expect(status).toBe(405);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("a GET of a changing route is 405 with the methods that there are; an unknown path is 404", async () => {
    const id = await world.launch({ job: "demo" });
    const { status, headers } = await raw({ path: `/api/runs/${id}/cancel` });
    expect([status, headers.allow]).toEqual([405, "POST"]);
    expect((await world.call("GET", `/api/runs/${id}`)).body.cancel_requested_at).toBeNull();
    const { status: missing, body } = await world.call("GET", "/api/nothing/here");
    expect([missing, body.code]).toEqual([404, "NOT_FOUND"]);
  });

  test("internal actions cannot be reached by their names", async () => {
    for (const path of ["/runs/launch", "/api/runs/storeValue", "/$node/list", "/~node/options", "/api/address"]) {
      expect((await raw({ path, headers: { accept: "application/json" } })).status).toBe(404);
      const { status, headers } = await raw({ path });
      // Outside the API a browser gets the interface, whatever the path.
      if (status === 200) expect(headers["content-type"]).toBe("text/html; charset=utf-8");
      else expect(status).toBe(404);
    }
  });
});

describe("what a body may be", () => {
  const post = (body: string | Buffer, headers = {}) =>
    raw({ method: "POST", headers: { ...JSON_TYPE, ...headers }, body }).then(({ status, text }) => ({
      status,
      problem: JSON.parse(text),
    }));

  test.each([
    ["not JSON", "{job: demo}", 400, "MALFORMED_BODY"],
    ["not UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400, "MALFORMED_BODY"],
    ["nested 101 deep", `{"job":"demo","config":${"[".repeat(100)}${"]".repeat(100)}}`, 400, "BODY_TOO_DEEP"],
    ["nested a million deep", "[".repeat(1_000_000), 400, "BODY_TOO_DEEP"],
    ["10 MB", `{"job":"${"x".repeat(10_000_000)}"}`, 413, "BODY_TOO_LARGE"],
    ["__proto__", '{"job":"demo","__proto__":{"x":1}}', 400, "FORBIDDEN_KEY"],
    ["constructor.prototype", '{"job":"demo","config":{"constructor":{"prototype":{}}}}', 400, "FORBIDDEN_KEY"],
    ["an array", "[]", 422, "INVALID_BODY"],
    ["nothing", "", 422, "INVALID_BODY"],
    ["an unknown key", '{"job":"demo","jobb":1}', 422, "INVALID_BODY"],
    ["a priority that is none", '{"job":"demo","priority":1.5}', 422, "INVALID_BODY"],
    ["an integer beyond 2^53", '{"job":"demo","config":{"n":12345678901234567}}', 422, "INVALID_BODY"],
    ["a number beyond all", '{"job":"demo","config":{"n":1e999}}', 422, "INVALID_BODY"],
  ])("%s is refused clearly", async (_name, body, status, code) => {
    const answer = await post(body);
    expect([answer.status, answer.problem.code]).toEqual([status, code]);
    expect(answer.problem).toMatchObject({ type: `urn:dqueue:problem:${code}`, status });
    expect(JSON.stringify(answer.problem)).not.toMatch(/nodeID|node_modules|\.ts:|action/);
  });

  test("one that is wrong all over is answered no slower and no longer than another", async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => i);
    for (const body of [
      `{"job":"demo","jobb":[${many.map(() => "1e17").join()}]}`,
      `{"job":"demo","config":[${many.map(() => '"\\u0000"').join()}]}`,
      `{"job":"demo",${many.map((i) => `"${i}":1`).join()}}`,
    ]) {
      const { status, problem } = await post(body);
      expect([status, problem.code, problem.errors.length <= 100]).toEqual([422, "INVALID_BODY", true]);
    }
  });

  test("10 MB in chunks of unknown length is refused with 413 and the connection serves on", async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 160; i++) controller.enqueue(new Uint8Array(65_536).fill(32));
        controller.close();
      },
    });
    const response = await fetch(`${world.url}/api/runs`, {
      method: "POST",
      headers: JSON_TYPE,
      body: stream,
      duplex: "half",
    } as never);
    expect(response.status).toBe(413);
    expect((await world.call("GET", "/api/health")).status).toBe(200);
  });

  test("a body that breaks off leaves the server whole", async () => {
    await new Promise<void>((resolve) => {
      const sent = request(`${world.url}/api/runs`, {
        method: "POST",
        headers: { ...JSON_TYPE, "content-length": 1000 },
      });
      sent.on("error", () => resolve());
      sent.write('{"job":');
      setImmediate(() => sent.destroy());
    });
    expect((await world.call("GET", "/api/health")).status).toBe(200);
  });

  test("large whole numbers that a double carries exactly, and floats, pass", async () => {
    const { status } = await post('{"job":"demo","config":{"a":9007199254740991,"b":1e300,"c":0.1}}');
    expect(status).toBe(201);
  });
});

describe("what a query may be", () => {
  test.each([
    ["limit=0", "limit"],
    ["limit=-1", "limit"],
    ["limit=1001", "limit"],
    ["limit=abc", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["status=NOPE", "status"],
    ["tag=nocolon", "tag"],
    ["created_after=2027-01-01T00:00:00+02:00", "created_after"],
    ["created_after=yesterday", "created_after"],
    ["created_before=9999-12-31T23:59:59%2B23:59", "created_before"],
    ["created_after=0000-01-01T00:00:00Z", "created_after"],
    ["parent_run_id=7", "parent_run_id"],
    ["cursor=garbage", "cursor"],
    ["cursor=W10", "cursor"],
    ["nope=1", "nope"],
    ["__proto__=1", "__proto__"],
    ["job=%00", "job"],
  ])("?%s is refused by the name of the parameter", async (query, parameter) => {
    const { status, body } = await world.call("GET", `/api/runs?${query}`);
    expect([status, body.parameter]).toEqual([400, parameter]);
  });

  test("a malformed percent code is 400, and so is an odd path never 5xx", async () => {
    for (const path of [
      "/api/runs/%E0%A4%A",
      "/api/runs/%00",
      "/api/jobs/%00",
      "/api/runs/x/steps/%FF",
      "//",
      "/api//runs",
      "/%2e%2e/etc",
    ]) {
      const { status } = await raw({ path });
      expect([path, status < 500]).toEqual([path, true]);
    }
  });

  test("ids that are none are not found", async () => {
    for (const path of ["", "/steps", "/events", "/logs", "/graph", "/steps/x", "/steps/x/items"])
      expect((await world.call("GET", `/api/runs/nope${path}`)).body.code).toBe("RUN_NOT_FOUND");
    expect((await world.call("POST", "/api/runs/nope/cancel")).status).toBe(404);
    expect((await world.call("DELETE", "/api/runs/nope")).status).toBe(404);
    expect((await world.call("POST", "/api/runs/nope/reexecute", { from: "start" })).status).toBe(404);
  });
});
