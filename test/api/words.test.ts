import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { DATABASES, type TestDatabase } from "../support/databases";
import { type World, startWorld } from "./world";

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await DATABASES[0]![1]();
  world = await startWorld(database, { coordinator: false });
});
afterAll(async () => {
  await world?.stop();
  await database?.stop();
});

const RUN = "/api/runs/01890c5e-8a6b-7cc0-98e1-0123456789ab";

test.each([
  ["/api/runs", { job: 5 }, { "/job": "must be a string" }],
  ["/api/runs", { job: "" }, { "/job": "must not be empty" }],
  ["/api/runs", {}, { "/job": "is required" }],
  ["/api/runs", [], { "": "must be an object" }],
  ["/api/runs", { job: "a", priority: 1.5 }, { "/priority": "must be a whole number" }],
  ["/api/runs", { job: "a", priority: 2 ** 31 }, { "/priority": "must be at most 2147483647" }],
  ["/api/runs", { job: "a", tags: { "a:b": "c" } }, { "/tags/a:b": 'must not hold a ":"' }],
  ["/api/runs", { job: "a", tags: { a: 1 } }, { "/tags/a": "must be a string" }],
  ["/api/runs", { job: "a", tags: { a: "x".repeat(1025) } }, { "/tags/a": "must have at most 1024 characters" }],
  [`${RUN}/reexecute`, { from: "steps" }, { "/steps": "is required" }],
  [`${RUN}/reexecute`, { from: "steps", steps: [] }, { "/steps": "must not be empty" }],
  [`${RUN}/reexecute`, { from: "start", steps: ["a"] }, { "/steps": 'goes only with "from": "steps"' }],
  [`${RUN}/reexecute`, { from: "end" }, { "/from": 'must be one of "failure", "start", "steps"' }],
  ["/api/sensors/a/cursor", { cursor: 7 }, { "/cursor": "must be a string or null" }],
  ["/api/sensors/a/cursor", { cursor: "x".repeat(1e6 + 1) }, { "/cursor": "must have at most 1000000 characters" }],
  ["/api/sensors/a/start", { version: -1 }, { "/version": "must be at least 0" }],
] as const)("POST %s: what is wrong is said in plain words, once, with its place: %j", async (path, body, expected) => {
  const { status, body: problem } = await world.call("POST", path, body);
  const errors = problem.errors.map(({ pointer, message }: any) => [pointer, message]);
  expect([status, problem.code, errors]).toEqual([422, "INVALID_BODY", Object.entries(expected)]);
});

test("a body that is encoded, or of another charset, is refused with what is accepted", async () => {
  const post = async (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) => {
    const response = await fetch(`${world.url}/api/runs`, { method: "POST", headers, body });
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  const body = JSON.stringify({ job: "none" });
  const type = "application/json";
  const gzipped = { "content-type": type, "content-encoding": "gzip" };
  expect(await post(gzipped, Uint8Array.from(gzipSync(body)))).toEqual([415, "UNSUPPORTED_ENCODING"]);
  expect(await post({ "content-type": `${type}; charset=latin1` }, body)).toEqual([415, "UNSUPPORTED_CHARSET"]);
  for (const charset of ["utf-8", "UTF-8", '"utf-8"'])
    expect(await post({ "content-type": `${type}; charset=${charset}` }, body)).toEqual([404, "JOB_NOT_FOUND"]);
});

test("an expectation that is not known is a problem with a code", async () => {
  const asked = request(`${world.url}/api/runs`, { headers: { expect: "magic" } }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  expect([response.statusCode, response.headers["content-type"]]).toEqual([
    417,
    "application/problem+json; charset=utf-8",
  ]);
  expect(await json(response)).toMatchObject({ code: "UNKNOWN_EXPECTATION", status: 417 });
});
