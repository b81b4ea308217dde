import { once } from "node:events";
import { get, type IncomingMessage, request } from "node:http";
import { createApiKey, revokeApiKey } from "../../store/api-keys";
import { ownPath } from "../../services/http/sign-in/own-path";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { type Answer, startWorld, type World } from "./world";

const [, open] = DATABASES[0]!;
let database: TestDatabase;
let world: World;
let other: World;
beforeAll(async () => {
  database = await open();
  world = await startWorld(database, { coordinator: false, signInRequired: true, allowedHosts: ["dqueue.example"] });
  other = await startWorld(database, { coordinator: false, signInRequired: true });
  await world.publish(job(op("quick")));
});
afterAll(async () => {
  await world?.stop();
  await other?.stop();
  await database?.stop();
});

const newKey = (role: "viewer" | "launcher" | "admin" = "launcher") =>
  createApiKey(world.db, { name: `a ${role}`, role, expiresAt: null });

/** As a page of the server sends it, from an address of its own. */
const fromPage = (of: World, headers: Record<string, string> = {}): Record<string, string> => ({
  ...{ origin: of.url, "sec-fetch-site": "same-origin" },
  ...headers,
});
const signIn = (key: string, headers: Record<string, string> = {}, next?: string): Promise<Answer> =>
  world.call("POST", "/api/session", { key, ...(next !== undefined && { next }) }, fromPage(world, headers));
const cookieOf = ({ headers }: Answer): string => headers.get("set-cookie")!.split(";")[0]!;
const signedIn = async (role?: Parameters<typeof newKey>[0]) => {
  const { stored, key } = await newKey(role);
  return { id: stored.id, cookie: cookieOf(await signIn(key)) };
};
/** A cookie as a browser has it that reaches this server by its own port. */
const at = (of: World, cookie: string): string => cookie.replace(/_\d+=/, `_${new URL(of.url).port}=`);
const me = (cookie: string, of = world): Promise<Answer> =>
  of.call("GET", "/api/me", undefined, { cookie: at(of, cookie) });

describe("signing in with a key", () => {
  test("gives a cookie that no script and no other site can use, and that any web server takes", async () => {
    const { stored, key } = await newKey();
    const answer = await signIn(key, {}, "/runs?q=status:failure#x");
    expect([answer.status, answer.body]).toEqual([
      201,
      { kind: "session", id: stored.id, name: "a launcher", role: "launcher", next: "/runs?q=status:failure#x" },
    ]);
    const set = answer.headers.get("set-cookie")!;
    expect(set).toMatch(new RegExp(`^dqueue_session_${new URL(world.url).port}=[\\w-]{43}; `));
    expect(set.split("; ").slice(1).sort()).toEqual(["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Strict"]);
    for (const web of [world, other])
      expect((await me(cookieOf(answer), web)).body).toEqual({
        ...{ kind: "session", id: stored.id, name: "a launcher", role: "launcher" },
      });
    const { rows } = await world.db.query("select s::text as row from sessions s");
    expect(JSON.stringify(rows)).not.toContain(cookieOf(answer).split("=")[1]);
  });

  test.each<Record<string, string>>([
    { origin: "https://dqueue.example", host: "dqueue.example" },
    { "x-forwarded-proto": "https" },
    { "x-forwarded-proto": "https,http" },
  ])("the cookie of a browser that came by HTTPS is never sent by anything else: %j", async (headers) => {
    const { key } = await newKey();
    const answer = await raw({ key }, { ...fromPage(world), ...headers });
    expect([answer.status, /; Secure(;|$)/.test(answer.headers["set-cookie"]![0]!)]).toEqual([201, true]);
  });

  test("leads to a page of this server alone", () => {
    for (const next of ["/runs", "/runs/1?tab=logs#L5", "/", "/jobs/a%2Fb"]) expect(ownPath(next)).toBe(next);
    for (const next of [
      ...[undefined, "", "runs", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"],
      ...["javascript:alert(1)", "https://evil.example", "/.//evil.example", "/a/..//evil.example", "/\\/evil.example"],
      ...["/signin?next=/signin", " //evil.example", "//evil.example\\@x", "http:evil", "/\n/evil.example"],
    ])
      expect([next, ownPath(next)]).toEqual([next, "/"]);
  });

  test("the page is told where it leads, and whether there are company accounts", async () => {
    const { body } = await world.call("GET", "/api/session?next=%2F%2Fevil.example");
    expect(body).toEqual({ required: true, next: "/", company: null, tries_left: expect.any(Number) });
    expect((await world.call("POST", "/api/session/company", {}, fromPage(world))).body.code).toBe(
      "COMPANY_ACCOUNTS_OFF",
    );
  });

  test.each(["5", "{}", "null", "{", '{"origin":"http://[::1]x","next":"/","state":"","nonce":"","verifier":""}'])(
    "a browser that comes back with another cookie than it was given is led to the page: %s",
    async (kept) => {
      const name = `dqueue_company_${new URL(world.url).port}`;
      const { status, headers } = await fetch(`${world.url}/api/session/company?code=x`, {
        headers: { cookie: `${name}=${encodeURIComponent(kept)}` },
        redirect: "manual",
      });
      expect([status, headers.get("location")]).toEqual([303, "/signin?refused=begun_elsewhere&next=%2F"]);
    },
  );

  test("a foreign page cannot sign a visitor in", async () => {
    const { key } = await newKey();
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const { status, headers: got } = await world.call("POST", "/api/session", { key }, headers);
    expect([status, got.get("set-cookie")]).toEqual([403, null]);
  });

  test("is on record", async () => {
    const { id } = await signedIn();
    const { rows } = await world.db.query("select action, actor_kind, outcome from audit where actor_id = $1", [id]);
    expect(rows).toEqual([{ action: "signIn", actor_kind: "session", outcome: "OK" }]);
  });

  test("after ten wrong keys an address waits, also with a right one; others do not", async () => {
    const { key } = await newKey();
    const from = { "x-forwarded-for": "203.0.113.7" };
    const wrong = key.slice(0, -2) + (key.endsWith("AA") ? "BB" : "AA");
    for (let left = 9; left >= 0; left--)
      expect((await signIn(left % 2 ? wrong : "what", from)).body).toMatchObject({
        ...{ code: "KEY_REFUSED", tries_left: left },
      });
    const { status, body, headers } = await signIn(key, from);
    expect([status, body.code]).toEqual([429, "TOO_MANY_TRIES"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(290);
    expect((await world.call("GET", "/api/session", undefined, from)).body.tries_left).toBe(0);
    expect((await signIn(key, { "x-forwarded-for": "203.0.113.7, 203.0.113.8" })).status).toBe(201);
  });

  test("keys that were revoked are told apart from those that never were", async () => {
    const { stored, key } = await newKey();
    await revokeApiKey(world.db, stored.id);
    const from = { "x-forwarded-for": "203.0.113.9" };
    expect((await signIn(key, from)).body.detail).toMatch(/was revoked at/);
    expect((await signIn(` ${key.slice(0, 10)} `, from)).body.detail).toMatch(
      /^This is no API key: one begins with dq_/,
    );
  });
});

describe("a session", () => {
  test("may do what its key may, and ends with it on every web server", async () => {
    const { id, cookie } = await signedIn("viewer");
    expect((await world.call("GET", "/api/runs", undefined, { cookie })).status).toBe(200);
    const refused = await world.call("POST", "/api/runs", { job: "demo" }, fromPage(world, { cookie }));
    expect([refused.status, refused.body.code]).toEqual([403, "ROLE_TOO_LOW"]);
    await revokeApiKey(world.db, id);
    for (const web of [world, other]) expect((await me(cookie, web)).status).toBe(401);
  });

  test("of one server on a host leaves that of another there, at another port, alone", async () => {
    const [first, second] = [await signedIn("viewer"), await signedIn("launcher")];
    const both = `${first.cookie}; ${at(other, second.cookie)}`;
    const roles = [world, other].map(async (web) => {
      const { body } = await web.call("GET", "/api/me", undefined, { cookie: both });
      return body.role;
    });
    expect(await Promise.all(roles)).toEqual(["viewer", "launcher"]);
  });

  test("behind a proxy that names the port of HTTPS, and of a browser that does not ask for one", async () => {
    const { key } = await newKey();
    for (const [host, name] of [
      ["dqueue.example:443", "dqueue_session_443"],
      ["dqueue.example", "dqueue_session"],
    ] as const) {
      const { status, headers } = await raw({ key }, { origin: "https://dqueue.example", host });
      expect([status, headers["set-cookie"]![0]!.split("=")[0]]).toEqual([201, name]);
    }
    const dropped = { origin: "https://dqueue.example:8443", host: "dqueue.example" };
    expect((await raw({ key }, dropped)).status).toBe(403);
  });

  test("changes something from a page of this server alone, however the browser says where it comes from", async () => {
    const { cookie } = await signedIn();
    const launch = (headers: Record<string, string>) => raw({ job: "demo" }, { cookie, ...headers }, "/api/runs");
    const host = new URL(world.url).host;
    for (const headers of [
      {},
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: world.url.replace(host, "127.0.0.1:1") },
      { origin: world.url, "sec-fetch-site": "same-site" },
      { origin: world.url, "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "none" },
    ] as Record<string, string>[])
      expect([headers, (await launch(headers)).status]).toEqual([headers, 403]);
    const { rows } = await world.db.query("select count(*) as n from runs");
    expect(rows).toEqual([{ n: 0 }]);
    expect((await launch({ ...fromPage(world), "content-type": "text/plain" })).status).toBe(415);
    const own: Record<string, string>[] = [fromPage(world), { origin: world.url }, { "sec-fetch-site": "same-origin" }];
    for (const headers of own) expect([headers, (await launch(headers)).status]).toEqual([headers, 201]);
  });

  test("ends by signing out: its cookie opens nothing any more, and its stream ends", async () => {
    const { cookie } = await signedIn();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${world.url}/api/stream?topics=runs`, { headers: { cookie } }, resolve).on("error", reject);
    });
    expect(response.statusCode).toBe(200);
    const ended = once(response.resume(), "end");
    const out = await other.call("DELETE", "/api/session", undefined, fromPage(other, { cookie: at(other, cookie) }));
    expect([out.status, out.headers.get("set-cookie")]).toEqual([
      204,
      at(other, "dqueue_session_0=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"),
    ]);
    expect((await me(cookie)).status).toBe(401);
    await ended;
  });

  test("of whoever signs in again with the same browser is the new one", async () => {
    const { cookie } = await signedIn();
    const { key } = await newKey("viewer");
    const again = await signIn(key, { cookie });
    expect([(await me(cookie)).status, (await me(cookieOf(again))).body.role]).toEqual([401, "viewer"]);
  });

  test.each([
    ["8 hours after it was heard of last", "seen_at = now() - interval '8 hours 1 minute'"],
    ["at its last moment, however busy", "created_at = now() - interval '7 days', expires_at = now()"],
  ])("ends %s", async (_, change) => {
    const { id, cookie } = await signedIn();
    await world.db.query(`update sessions set ${change} where key_id = $1`, [id]);
    expect((await me(cookie)).status).toBe(401);
  });

  test("that is used is heard of, and so is its key, once a minute", async () => {
    const { id, cookie } = await signedIn();
    await world.db.query("update sessions set seen_at = now() - interval '2 minutes' where key_id = $1", [id]);
    await world.db.query("update api_keys set last_used_at = now() - interval '1 day' where id = $1", [id]);
    await me(cookie);
    const { rows } = await world.db.query(
      `select s.seen_at > now() - interval '1 minute' as seen, k.last_used_at > now() - interval '1 minute' as used
       from sessions s join api_keys k on k.id = s.key_id where k.id = $1`,
      [id],
    );
    expect(rows).toEqual([{ seen: true, used: true }]);
  });

  test.each(["", "x", "a".repeat(43), '"', "%E0%A4%A"])("is no cookie of nobody: %j", async (token) => {
    expect((await me(`dqueue_session_0=${token}`)).status).toBe(401);
  });

  test("where nobody has to sign in, an old cookie shuts nobody out", async () => {
    const free = await startWorld(database, { coordinator: false });
    expect((await me("dqueue_session_0=of_long_ago", free)).body).toEqual({
      ...{ kind: "local", id: null, name: "local", role: "admin" },
    });
    await free.stop();
  });
});

/** fetch sets Host and Origin itself. */
const raw = (
  body: object,
  headers: Record<string, string>,
  path = "/api/session",
): Promise<{ status: number; headers: IncomingMessage["headers"] }> =>
  new Promise((resolve, reject) => {
    const sent = request(
      world.url + path,
      { method: "POST", headers: { "content-type": "application/json", ...headers } },
      (response) => {
        response.resume().on("end", () => resolve({ status: response.statusCode!, headers: response.headers }));
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
