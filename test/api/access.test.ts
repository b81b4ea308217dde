import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { ACCESS_ROLES, type AccessRole, mayAs } from "../../core/access";
import { createApiKey } from "../../store/api-keys";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { type Answer, startWorld, type World } from "./world";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
const keys = {} as Record<AccessRole, string>;
beforeAll(async () => {
  database = await open();
  world = await startWorld(database, { coordinator: false, signInRequired: true });
  await world.publish(job(op("quick")));
  for (const role of ACCESS_ROLES)
    keys[role] = (await createApiKey(world.db, { name: `the ${role}`, role, expiresAt: null })).key;
});
afterAll(async () => {
  await world?.stop();
  await database?.stop();
});

const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const ask = (role: AccessRole, method: string, path: string, body?: unknown): Promise<Answer> =>
  world.call(method, path, body, as(keys[role]));
const auditOf = async (query: string): Promise<any[]> => (await ask("admin", "GET", `/api/audit?${query}`)).body.items;

interface Described {
  method: string;
  path: string;
  role: AccessRole | "public";
}

/** Each route that is described, with names in its path that nothing has. */
const routes = async (): Promise<Described[]> => {
  const { body } = await world.call("GET", "/api/openapi.json");
  return Object.entries<any>(body.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, "nothing"),
      role: operation["x-role"],
    })),
  );
};

describe("where a key is needed", () => {
  test("each route lets in the role that it names and those above it, and nobody else", async () => {
    for (const { method, path, role } of await routes()) {
      const body = method === "POST" ? {} : undefined;
      const nobody = await world.call(method, path, body);
      if (role === "public") {
        expect([method, path, ["UNAUTHENTICATED", "ROLE_TOO_LOW"].includes(nobody.body.code)]).toEqual([
          method,
          path,
          false,
        ]);
        continue;
      }
      expect([method, path, nobody.status, nobody.body.code]).toEqual([method, path, 401, "UNAUTHENTICATED"]);
      expect(nobody.headers.get("www-authenticate")).toBe('Bearer realm="dqueue"');
      for (const own of ACCESS_ROLES) {
        // It would not end.
        if (path === "/api/stream" && mayAs(own, role)) continue;
        const { status, body: answer } = await ask(own, method, path, body);
        const refused = [status, answer.code, answer.required_role].join(" ") === `403 ROLE_TOO_LOW ${role}`;
        expect([method, path, own, refused, status === 401]).toEqual([method, path, own, !mayAs(own, role), false]);
      }
    }
  });

  test("what needs none: health, the API's description, signing in and the interface's files", async () => {
    const open = (await routes())
      .filter(({ role }) => role === "public")
      .map(({ method, path }) => `${method} ${path}`);
    expect(open.sort()).toEqual([
      "DELETE /api/session",
      "GET /api/health",
      "GET /api/openapi.json",
      "GET /api/ready",
      "GET /api/session",
      "GET /health/live",
      "GET /health/ready",
      "POST /api/session",
      "POST /api/session/company",
    ]);
    for (const path of ["/api/docs", "/favicon.svg", "/runs"])
      expect([path, (await world.call("GET", path)).status]).toEqual([path, 200]);
  });

  test("viewers read, launchers launch, operators delete, admins have the keys", async () => {
    const needed = Object.fromEntries((await routes()).map(({ method, path, role }) => [`${method} ${path}`, role]));
    expect(needed).toMatchObject({
      "GET /api/runs": "viewer",
      "GET /api/stream": "viewer",
      "GET /metrics": "viewer",
      "POST /api/runs": "launcher",
      "POST /api/runs/nothing/cancel": "launcher",
      "POST /api/runs/nothing/reexecute": "launcher",
      "DELETE /api/runs/nothing": "operator",
      "POST /api/runs/bulk": "operator",
      "POST /api/sensors/nothing/start": "operator",
      "POST /api/keys": "admin",
      "GET /api/audit": "admin",
    });
  });

  test.each([
    ["no key", {}],
    ["a key without its last letter", () => as(keys.admin.slice(0, -1))],
    ["a key with another secret", () => as(`${keys.admin.split(".")[0]}.${keys.viewer.split(".")[1]}`)],
    ["a key of nobody", as(`dq_${"0".repeat(16)}.${"a".repeat(43)}`)],
    ["a key as a password", () => ({ authorization: `Basic ${Buffer.from(`:${keys.admin}`).toString("base64")}` })],
    ["a key in the address", {}, () => `/api/runs?key=${keys.admin}`],
    ["words", as("let me in")],
  ])("%s opens nothing", async (_, headers, path: string | (() => string) = "/api/runs") => {
    const sent = (typeof headers === "function" ? headers() : headers) as Record<string, string>;
    const { status, body } = await world.call("GET", typeof path === "function" ? path() : path, undefined, sent);
    expect([status, JSON.stringify(body).includes(keys.admin.split(".")[1]!)]).toEqual([401, path !== "/api/runs"]);
  });

  test("a body is not looked at before it is known who sends it", async () => {
    const { status } = await world.call("POST", "/api/runs", "{", {});
    expect(status).toBe(401);
  });
});

describe("keys", () => {
  test("one is made, shown once, used, listed with its last use, and revoked at once", async () => {
    const { status, body } = await ask("admin", "POST", "/api/keys", { name: "ci", role: "launcher" });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ name: "ci", role: "launcher", expires_at: null, last_used_at: null, revoked_at: null }),
    ]);
    const { id, key } = body;
    expect(key).toMatch(new RegExp(`^${id}\\.[A-Za-z0-9_-]{43}$`));
    expect((await world.call("POST", "/api/runs", { job: "demo" }, as(key))).status).toBe(201);
    const listed = (await ask("admin", "GET", "/api/keys")).body;
    expect(JSON.stringify(listed)).not.toContain(key.split(".")[1]);
    expect(listed.items.find((one: any) => one.id === id)).toMatchObject({ last_used_at: expect.any(String) });
    expect((await ask("admin", "DELETE", `/api/keys/${id}`)).body).toMatchObject({ revoked_at: expect.any(String) });
    const { status: refused, body: problem } = await world.call("GET", "/api/runs", undefined, as(key));
    expect([refused, problem.code]).toEqual([401, "KEY_REFUSED"]);
    expect(problem.detail).toMatch(/^The API key "ci" \(dq_.*\) was revoked at /);
    expect((await ask("admin", "DELETE", `/api/keys/${id}`)).status).toBe(200);
    expect((await ask("admin", "DELETE", "/api/keys/dq_nothing")).body.code).toBe("KEY_NOT_FOUND");
  });

  test("its secret is nowhere in the database", async () => {
    const { key } = (await ask("admin", "POST", "/api/keys", { name: "hidden", role: "viewer" })).body;
    const { rows } = await world.db.query(
      "select k::text as row from api_keys k union all select a::text from audit a",
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(JSON.stringify(rows)).not.toContain(key.split(".")[1]);
  });

  test("its last use is written at most once a minute", async () => {
    const { key, id } = (await ask("admin", "POST", "/api/keys", { name: "busy", role: "viewer" })).body;
    const lastUse = async () => {
      expect((await world.call("GET", "/api/runs", undefined, as(key))).status).toBe(200);
      return (await world.db.query("select last_used_at from api_keys where id = $1", [id])).rows[0]!.last_used_at;
    };
    const first = await lastUse();
    expect(await lastUse()).toEqual(first);
    await world.db.query("update api_keys set last_used_at = last_used_at - interval '61 seconds' where id = $1", [id]);
    expect((await lastUse()).getTime()).toBeGreaterThanOrEqual(first.getTime());
  });

  test("one needs a name that can be seen", async () => {
    expect((await ask("admin", "POST", "/api/keys", { name: " \n", role: "viewer" })).body.errors).toEqual([
      { pointer: "/name", message: "must not be blank" },
    ]);
  });

  test("one that expires opens nothing afterwards; an expiry must be in the future", async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const made = await ask("admin", "POST", "/api/keys", { name: "short", role: "viewer", expires_at: inAnHour });
    expect(made.body.expires_at).toBe(inAnHour);
    const call = () => world.call("GET", "/api/runs", undefined, as(made.body.key));
    expect((await call()).status).toBe(200);
    await world.db.query(
      "update api_keys set created_at = now() - interval '2 h', expires_at = now() - interval '1 h' where id = $1",
      [made.body.id],
    );
    expect((await call()).body).toMatchObject({ code: "KEY_REFUSED", detail: expect.stringContaining("expired at") });
    const past = { name: "late", role: "viewer", expires_at: "2020-01-01T00:00:00Z" };
    expect((await ask("admin", "POST", "/api/keys", past)).body.errors).toEqual([
      { pointer: "/expires_at", message: "must be in the future" },
    ]);
  });

  test("a stream ends once its key is revoked", async () => {
    const { key, id } = (await ask("admin", "POST", "/api/keys", { name: "watcher", role: "viewer" })).body;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${world.url}/api/stream?topics=runs`, { headers: as(key) }, resolve).on("error", reject);
    });
    const ended = once(response.resume(), "end");
    await ask("admin", "DELETE", `/api/keys/${id}`);
    await ended;
  });
});

describe("the audit log", () => {
  test("has who changed what, when, from where and with what outcome", async () => {
    const { body: run } = await ask("launcher", "POST", "/api/runs", { job: "demo", config: { token: "hunter2" } });
    await ask("launcher", "POST", `/api/runs/${run.id}/cancel`);
    await ask("operator", "DELETE", `/api/runs/${run.id}`);
    await ask("viewer", "DELETE", `/api/runs/${run.id}`);
    const rows = await auditOf(`object=runs/${run.id}`);
    const seen = rows.map(({ actor, role, action, object, outcome, result }) => ({
      actor,
      role,
      action,
      object,
      outcome,
      result,
    }));
    const object = `runs/${run.id}`;
    expect(seen).toEqual([
      { actor: "the viewer", role: "viewer", action: "deleteRun", object, outcome: "ROLE_TOO_LOW", result: null },
      { actor: "the operator", role: "operator", action: "deleteRun", object, outcome: "RUN_NOT_ENDED", result: null },
      { actor: "the launcher", role: "launcher", action: "cancelRun", object, outcome: "OK", result: null },
      { actor: "the launcher", role: "launcher", action: "launchRun", object: "runs", outcome: "OK", result: object },
    ]);
    expect(rows[3]).toMatchObject({
      ...{ actor_kind: "key", actor_id: keys.launcher.split(".")[0], details: { job: "demo" }, address: "127.0.0.1" },
    });
    expect(JSON.stringify(rows)).not.toContain("hunter2");
  });

  test("what is only read or tried out leaves no row, and what nobody known asks neither", async () => {
    const count = async () => (await world.db.query("select count(*) as n from audit")).rows[0]!.n;
    const before = await count();
    await ask("viewer", "GET", "/api/runs");
    await ask("operator", "POST", "/api/jobs/demo/validate", { config: {} });
    await world.call("POST", "/api/runs", { job: "demo" });
    await ask("launcher", "POST", "/api/runs", { jobb: "demo" });
    expect(await count()).toBe(before);
  });

  test("is filtered by actor, action, object, origin and time, and comes in pages", async () => {
    for (let i = 0; i < 3; i++) await ask("launcher", "POST", "/api/runs", { job: "demo" });
    const { id } = (await ask("admin", "POST", "/api/keys", { name: "x", role: "viewer" })).body;
    expect((await auditOf("action=createKey&limit=1"))[0]).toMatchObject({
      result: `keys/${id}`,
      details: { name: "x" },
    });
    const byName = await auditOf("actor=the+launcher");
    expect(byName.length).toBeGreaterThan(3);
    expect(await auditOf(`actor=${keys.launcher.split(".")[0]}`)).toEqual(byName);
    expect(
      await auditOf(`after=${encodeURIComponent(byName[0].at)}&before=${encodeURIComponent(byName[0].at)}`),
    ).toEqual([]);
    const behindProxy = { ...as(keys.admin), "x-forwarded-for": "203.0.113.9" };
    await world.call("POST", "/api/keys", { name: "far", role: "viewer" }, behindProxy);
    expect(await auditOf("address=203.0.113.9")).toMatchObject([{ details: { name: "far" }, address: "127.0.0.1" }]);
    expect((await auditOf("address=127.0.0.1")).length).toBeGreaterThan(byName.length);
    const paged: any[] = [];
    for (let cursor = ""; ;) {
      const { body } = await ask("admin", "GET", `/api/audit?actor=the+launcher&limit=2${cursor}`);
      paged.push(...body.items);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(paged).toEqual(byName);
    expect((await ask("admin", "GET", "/api/audit?after=2026-02-30T00:00:00Z")).body.parameter).toBe("after");
  });

  test("a change that cannot be written down is not made", async () => {
    const runs = async () => (await ask("viewer", "GET", "/api/runs?limit=1000")).body.items.length;
    const before = await runs();
    await world.db.query("alter table audit rename to audit_away");
    const { status } = await ask("launcher", "POST", "/api/runs", { job: "demo" });
    await world.db.query("alter table audit_away rename to audit");
    expect([status, await runs()]).toEqual([500, before]);
  });
});
