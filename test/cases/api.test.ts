import { request } from "node:http";
import { ApiError, DqueueClient } from "../../client";
import type { Cluster } from "../support/cluster";
import { freePort } from "../support/free-port";
import { onBoth } from "./modes";

const JOBS = `
import { job, op, z } from "dqueue";
const pass = op({ name: "pass", config: z.object({ n: z.number().default(0) }), run: async () => {} });
const fail = op({ name: "fail", run: async () => { throw new Error("no"); } });
export const x = job("x", (g) => void g.call(pass));
export const y = job("y", (g) => void g.call(pass));
export const failing = job("failing", (g) => void g.call(fail));
`;

interface Answer {
  status: number;
  body: { id?: string; code?: string; parameter?: string; items?: { id: string }[]; next_cursor?: string | null };
}

/** A request as it stands, without what a client would mend; status 0: there was no answer. */
const ask = (url: string, path: string, { body, headers = {} }: { body?: object; headers?: object } = {}) =>
  new Promise<Answer>((resolve) => {
    const { hostname, port } = new URL(url);
    const given = body && JSON.stringify(body);
    const method = body ? "POST" : "GET";
    const sent = request(
      { hostname, port, path, method, headers: { ...(given && { "content-type": "application/json" }), ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode!, body: JSON.parse(text || "{}") }));
        response.on("error", () => resolve({ status: 0, body: {} }));
      },
    );
    sent.on("error", () => resolve({ status: 0, body: {} }));
    sent.end(given);
  });

/** Does something for each, so many at a time. */
const inParallel = async <T, R>(all: readonly T[], atATime: number, act: (one: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < all.length; i = next++) results[i] = await act(all[i]!);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return results;
};
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

onBoth("API-1", { jobs: JOBS, settings: { LOG_LEVEL: "warn" } }, (cluster) => {
  const url = (): string => `http://127.0.0.1:${cluster().place.env.PORT}`;
  const get = (query: string): Promise<Answer> => ask(url(), `/api/runs?${query}`);
  const launch = async (): Promise<string> => (await cluster().client.runs.launch({ job: "x" })).id;

  test("pages of 1,050 runs give each run that stays exactly once, while 200 come and 50 go", async () => {
    const ids = await inParallel(range(1_050), 20, launch);
    const late = new Set<string>();
    const gone = new Set<string>();
    const churn = async (): Promise<void> => {
      for (const id of await inParallel(range(20), 10, launch)) late.add(id);
      const { items } = await cluster().client.runs.list({ job: "x", status: "SUCCESS", limit: 5 });
      for (const { id } of items) {
        gone.add(id);
        await cluster().client.runs.delete(id);
      }
    };
    const seen: string[] = [];
    for (let cursor: string | null | undefined = ""; cursor !== null;) {
      const { status, body } = await get(`job=x&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(status).toBe(200);
      expect(body.items!.length).toBeLessThanOrEqual(100);
      seen.push(...body.items!.map(({ id }) => id));
      cursor = body.next_cursor;
      if (late.size < 200) await churn();
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => late.has(id))).toEqual([]);
    expect(ids.filter((id) => !gone.has(id) && !seen.includes(id))).toEqual([]);
  });

  test("bad parameters are refused by name, and never answered with everything", async () => {
    const { body } = await get("job=x&limit=1");
    for (const [query, parameter] of [
      ["limit=0", "limit"],
      ["limit=-1", "limit"],
      ["limit=1001", "limit"],
      ["limit=abc", "limit"],
      ["cursor=broken", "cursor"],
      [`job=y&cursor=${encodeURIComponent(body.next_cursor!)}`, "cursor"],
      ["created_after=2027-01-01T00:00:00+02:00", "created_after"],
      ["status=NOPE", "status"],
    ]) {
      const refused = await get(query!);
      expect([query, refused.status >= 400 && refused.status < 500]).toEqual([query, true]);
      expect([query, JSON.stringify(refused.body).includes(parameter!), refused.body.items]).toEqual([
        query,
        true,
        undefined,
      ]);
    }
  });

  test("an encoded offset means its instant, and an empty range is an empty list", async () => {
    const offset = await get(`limit=5&created_after=${encodeURIComponent("2026-01-01T02:00:00+02:00")}`);
    const zulu = await get("limit=5&created_after=2026-01-01T00:00:00Z");
    // The same runs; they may have gone on between the two questions.
    const idsOf = ({ body }: typeof zulu): string[] => body.items!.map(({ id }: { id: string }) => id);
    expect(idsOf(offset)).toEqual(idsOf(zulu));
    expect(idsOf(offset)).toHaveLength(5);
    const empty = await get("created_after=2027-01-02T00:00:00Z&created_before=2027-01-01T00:00:00Z");
    expect([empty.status, empty.body]).toEqual([200, { items: [], next_cursor: null }]);
  });
});

/** A second web server of the cluster; embedded there is but the one. */
const secondServer = async ({ place, rabbit, start }: Cluster): Promise<string> => {
  const { PORT } = place.env;
  if (!rabbit) return `http://127.0.0.1:${PORT}`;
  const port = String(await freePort());
  place.env.PORT = port;
  await start("webserver");
  place.env.PORT = PORT;
  return `http://127.0.0.1:${port}`;
};

onBoth("API-2", { jobs: JOBS, settings: { LOG_LEVEL: "warn" } }, (cluster) => {
  let servers: [string, string];
  beforeAll(async () => {
    servers = [`http://127.0.0.1:${cluster().place.env.PORT}`, await secondServer(cluster())];
  });
  const post = (i: number, body: object, key?: string): Promise<Answer> =>
    ask(servers[i % 2]!, "/api/runs", { body, headers: key === undefined ? {} : { "idempotency-key": key } });
  const runsOf = async (job: string): Promise<number> => {
    let count = 0;
    for await (const _run of cluster().client.runs.all({ job })) count++;
    return count;
  };

  test("forty at once with one key are one run, also once it has failed; another body is refused", async () => {
    const body = { job: "failing" };
    const first = await Promise.all(range(40).map((i) => post(i, body, "one")));
    const ids = new Set(first.map((answer) => answer.body.id));
    expect(ids.size).toBe(1);
    const [id] = [...ids] as [string];
    expect((await cluster().client.runs.wait(id)).status).toBe("FAILURE");
    const again = await Promise.all(range(40).map((i) => post(i, body, "one")));
    expect(new Set(again.map((answer) => answer.body.id))).toEqual(ids);
    expect(await runsOf("failing")).toBe(1);
    expect((await post(0, { job: "failing", priority: 1 }, "one")).status).toBe(422);
  });

  test("forty at once with one run key are one run, and the other answers are alike", async () => {
    const answers = await Promise.all(range(40).map((i) => post(i, { job: "y", run_key: "file-1" })));
    const launched = answers.filter(({ status }) => status === 201);
    expect(launched).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(new Set(others.map(({ status, body }) => `${status} ${body.id ?? JSON.stringify(body)}`)).size).toBe(1);
    expect(JSON.stringify(others[0]!.body)).toContain(launched[0]!.body.id);
  });

  test("odd keys are refused or taken, and the server lives", async () => {
    for (const key of ["k".repeat(300), "\u00e9", ""]) {
      const { status } = await post(0, { job: "y" }, key);
      expect([key, status]).toEqual([key, expect.any(Number)]);
      expect(status === 201 || (status >= 400 && status < 500)).toBe(true);
    }
    expect((await ask(servers[0], "/api/health")).status).toBe(200);
  });

  test("a server that is killed amid a hundred keyed launches leaves exactly a hundred runs after all are repeated", async () => {
    const { client, processes, start, rabbit } = cluster();
    const role = rabbit ? "webserver" : "dev";
    const victim = processes(role)[0]!;
    let answered = 0;
    const amid = await inParallel(range(100), 10, async (i) => {
      const answer = await ask(servers[0], "/api/runs", {
        body: { job: "x", config: { n: i } },
        headers: { "idempotency-key": `run-${i}` },
      });
      if (answer.status === 201 && ++answered === 40) victim.child.kill("SIGKILL");
      return answer;
    });
    expect(amid.some(({ status }) => status === 0)).toBe(true);
    await victim.ended();
    if (!rabbit) await start("dev");
    const repeated = await inParallel(range(100), 10, (i) => post(1, { job: "x", config: { n: i } }, `run-${i}`));
    amid.forEach(({ status, body }, i) => status === 201 && expect(repeated[i]!.body.id).toBe(body.id));
    const ids = repeated.map(({ body }) => body.id!);
    expect(new Set(ids).size).toBe(100);
    const reached = new DqueueClient(servers[1]);
    let runs = 0;
    for await (const _run of reached.runs.all({ job: "x" })) runs++;
    expect(runs).toBe(100);
    for (const id of ids) expect((await reached.runs.wait(id)).status).toBe("SUCCESS");
    if (rabbit) await start("webserver");
    await expect(client.runs.get("nope")).rejects.toBeInstanceOf(ApiError);
  });
});
