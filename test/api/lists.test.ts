import { findJobs, publishJobs } from "../../store/catalog";
import { job, op } from "../core/graphs";
import { DATABASES, type TestDatabase } from "../support/databases";
import { startWorld, type World } from "./world";
import { addEvents } from "../support/add-events";

describe.each(DATABASES)("lists on %s", (_name, open) => {
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await startWorld(database, { coordinator: false });
    await world.publish(job(op("a")), { ...job(op("a")), job: "x" });
  });
  afterAll(async () => {
    await world?.stop();
    await database?.stop();
  });

  const page = async (query: string): Promise<any> => {
    const { status, body } = await world.call("GET", `/api/runs?${query}`);
    expect(status).toBe(200);
    return body;
  };
  const allPages = async (query: string, between: () => Promise<unknown> = async () => {}): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let cursor = ""; ;) {
      const { items, next_cursor } = await page(`${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      pages.push(items.map(({ id }: any) => id));
      if (next_cursor === null) return pages;
      cursor = next_cursor;
      await between();
    }
  };
  const insertMany = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i += 50)
      ids.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(50, count - i) }, () => world.launch({ job: "x", tags: { n: String(i) } })),
        )),
      );
    return ids;
  };

  test("paging gives each run once, newest first, also of one instant and while others come and go", async () => {
    const ids = new Set(await insertMany(250));
    // Many of one instant, some microseconds apart: what a page's last row is must be told exactly.
    await world.db.query(`update runs set created_at = date_trunc('second', created_at) where job = 'x'`);
    await world.db.query(
      `update runs set created_at = created_at + interval '1 microsecond' where job = 'x' and priority = 0 and id::text < 'f' and random() < 0.5`,
    );
    const late: string[] = [];
    let gone = 0;
    const pages = await allPages("limit=25&job=x", async () => {
      late.push(await world.launch({ job: "x" }));
      await world.db.query(
        `delete from runs where id = (select id from runs where job = 'x' order by created_at, id limit 1)`,
      );
      gone++;
    });
    expect(pages.every((one) => one.length <= 25)).toBe(true);
    const seen = pages.flat();
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => late.includes(id))).toEqual([]);
    expect(seen.length).toBeGreaterThanOrEqual(250 - gone);
    expect(seen.every((id) => ids.has(id))).toBe(true);
    const { rows } = await world.db.query<{ id: string }>(
      `select id from runs where job = 'x' and id = any($1::uuid[]) order by created_at desc, id desc`,
      [seen],
    );
    const still = new Set(rows.map(({ id }) => id));
    expect(seen.filter((id) => still.has(id))).toEqual(rows.map(({ id }) => id));
  });

  test("a cursor works with its own filter only", async () => {
    await insertMany(3);
    const { next_cursor } = await page("limit=1&job=x");
    expect((await page(`limit=2&job=x&cursor=${next_cursor}`)).items).toHaveLength(2);
    for (const query of [
      `cursor=${next_cursor}`,
      `job=demo&cursor=${next_cursor}`,
      `job=x&status=QUEUED&cursor=${next_cursor}`,
    ]) {
      const { status, body } = await world.call("GET", `/api/runs?${query}`);
      expect([status, body.code, body.parameter]).toEqual([400, "INVALID_CURSOR", "cursor"]);
    }
  });

  test("times filter by instant, whatever their offset; an empty range is an empty list", async () => {
    const id = await world.launch({ job: "demo" });
    const { created_at } = (await world.call("GET", `/api/runs/${id}`)).body;
    const before = new Date(Date.parse(created_at) - 1);
    const offset = new Date(before.getTime() + 2 * 3_600_000).toISOString().replace("Z", "+02:00");
    const newest = async (after: string): Promise<string[]> =>
      (await page(`job=demo&created_after=${encodeURIComponent(after)}`)).items.map((run: any) => run.id);
    expect(await newest(offset)).toEqual(await newest(before.toISOString()));
    expect(await newest(offset)).toContain(id);
    const empty = await page(`created_after=2027-01-02T00:00:00Z&created_before=2027-01-01T00:00:00Z`);
    expect(empty).toEqual({ items: [], next_cursor: null });
  });

  test("filters by several statuses and tags; contradicting tags match nothing", async () => {
    const id = await world.launch({ job: "demo", tags: { a: "1", b: "2" } });
    const ids = async (query: string): Promise<string[]> => (await page(query)).items.map((run: any) => run.id);
    expect(await ids("tag=a:1&tag=b:2&status=QUEUED&status=FAILURE")).toEqual([id]);
    expect(await ids("tag=a:1&tag=b:3")).toEqual([]);
    expect(await ids("tag=a:1&tag=a:2")).toEqual([]);
    expect(await ids("tag=a:1&status=FAILURE")).toEqual([]);
  });

  test("lists carry no configs, and jobs tell their graphs one by one", async () => {
    await world.launch({ job: "demo", config: { big: "x".repeat(1000) } });
    expect((await page("job=demo")).items[0]).not.toHaveProperty("config");
    const { body: jobs } = await world.call("GET", "/api/jobs?limit=1");
    expect(jobs.items.map(({ name }: any) => name)).toEqual(["demo"]);
    const { body: rest } = await world.call("GET", `/api/jobs?limit=1&cursor=${jobs.next_cursor}`);
    expect([rest.items.map(({ name }: any) => name), rest.next_cursor]).toEqual([["x"], null]);
    const { body } = await world.call("GET", "/api/jobs/demo");
    expect(body.graph.nodes).toMatchObject([{ name: "a", timeout_ms: null, retry: { max_retries: 0 } }]);
  });

  test("a job taken out of the code is gone, and an older version of the code never comes back by itself", async () => {
    const [v1, v2] = [job(op("old")), job(op("new"))].map((graph) => ({ ...graph, job: "versioned" }));
    expect(await publishJobs(world.db, { codeVersion: "one", jobs: [v1!, job(op("a"))] })).toBe(true);
    expect(await publishJobs(world.db, { codeVersion: "two", jobs: [v2!] })).toBe(true);
    expect(await publishJobs(world.db, { codeVersion: "one", jobs: [v1!] })).toBe(false);
    const now = await findJobs(world.db, ["versioned", "demo"]);
    expect([...now.keys()]).toEqual(["versioned"]);
    expect(now.get("versioned")).toMatchObject({ codeVersion: "two", graph: { nodes: [{ name: "new" }] } });
    expect(await publishJobs(world.db, { codeVersion: "one", jobs: [v1!] }, { revive: true })).toBe(true);
    await world.publish(job(op("a")), { ...job(op("a")), job: "x" });
  });

  describe("the steps of a run", () => {
    const runWith = async (keys: readonly string[]): Promise<string> => {
      const id = await world.launch({ job: "x" });
      await world.db.query(
        `insert into steps (run_id, step, node, path, status, attempt, lost, fence, queue, priority)
         select $1, step, 'a', '[]', case when step like '%[7]' then 'STARTED' else 'QUEUED' end, 1, 0, 1, 'default', 5
         from unnest($2::text[]) as step`,
        [id, keys],
      );
      return id;
    };
    const keysOf = async (id: string, query: string, between = async (): Promise<unknown> => undefined) => {
      const keys: string[] = [];
      for (let cursor = ""; ;) {
        const { status, body } = await world.call("GET", `/api/runs/${id}/steps?${query}${cursor}`);
        expect(status).toBe(200);
        keys.push(...body.items.map(({ key }: any) => key));
        if (body.next_cursor === null) return keys;
        cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`;
        await between();
      }
    };

    test("come by key, numbers by value, page by page, also while more come", async () => {
      const keys = ["a", ...Array.from({ length: 120 }, (_, i) => `a[${i}]`), "a_2", "a_10", "b[1][2]", "b[1][10]"];
      const id = await runWith([...keys].sort());
      expect(await keysOf(id, "limit=1000")).toEqual(keys);
      expect(await keysOf(id, "limit=7")).toEqual(keys);
      expect(await keysOf(id, "limit=1&status=STARTED")).toEqual(["a[7]"]);
      let late = 120;
      const seen = await keysOf(id, "limit=50", () =>
        world.db.query(
          `insert into steps (run_id, step, node, path, status, attempt, lost, fence, queue, priority)
           values ($1, $2, 'a', '[]', 'QUEUED', 1, 0, 1, 'default', 5)`,
          [id, `a[${late++}]`],
        ),
      );
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((key) => keys.includes(key))).toEqual(keys);
    });

    test("of more than 10,000 come by the text of their keys, each once", async () => {
      const keys = Array.from({ length: 10_001 }, (_, i) => `a[${i}]`);
      const id = await runWith(keys);
      expect(await keysOf(id, "limit=1000")).toEqual([...keys].sort());
    });
  });

  test("events are listed by type", async () => {
    const id = await world.launch({ job: "x" });
    const told = [
      [2, "STEP_START"],
      [3, "STEP_LOST"],
      [4, "STEP_RESTARTED"],
      [5, "STEP_LOST"],
      [6, "STEP_SUCCESS"],
    ] as const;
    await addEvents(
      world.db,
      id,
      told.map(([seq, type]) => ({ seq, type, step: "a" })),
    );
    const seqs = async (query: string): Promise<number[]> =>
      (await world.call("GET", `/api/runs/${id}/events?${query}`)).body.items.map(({ seq }: any) => seq);
    expect(await seqs("type=STEP_LOST")).toEqual([3, 5]);
    expect(await seqs("type=STEP_LOST&after=3")).toEqual([5]);
    expect(await seqs("type=STEP_LOST&type=STEP_SUCCESS&type=RUN_ENQUEUED")).toEqual([1, 3, 5, 6]);
    expect((await world.call("GET", `/api/runs/${id}/events?type=LOST`)).status).toBe(400);
    expect(await seqs("limit=1&after=4")).toEqual([5]);
    const last = async (query: string): Promise<number[]> =>
      (await world.call("GET", `/api/runs/${id}/events/latest?${query}`)).body.items.map(({ seq }: any) => seq);
    expect(await last("limit=3")).toEqual([4, 5, 6]);
    expect(await last("limit=3&until=2001-01-01T00:00:00Z")).toEqual([]);
    expect((await world.call("GET", `/api/runs/${id}/events/latest?until=yesterday`)).status).toBe(400);
  });
});
