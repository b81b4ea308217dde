import type { LastSeen } from "../../core/records";
import { commit } from "../../store/commit";
import { createRuns } from "../../store/create-runs";
import type { Database } from "../../store/database";
import { beat, readShards, releaseShard, takeShard } from "../../store/shards";
import { listTakeovers, noteTakeover } from "../../store/takeovers";
import { DATABASES, type TestDatabase } from "../support/databases";
import { batch, create, newRun, ownerOf, runChange, stepRow, succeeded } from "./world";

const one = async (db: Database, text: string, values: unknown[] = []): Promise<any> =>
  (await db.query(text, values)).rows[0];
const count = async (db: Database, table: string, run: string): Promise<number> =>
  (await one(db, `select count(*) as n from ${table} where run_id = $1`, [run])).n;
const runRow = (db: Database, id: string): Promise<any> => one(db, "select * from runs where id = $1", [id]);
const stepOf = (db: Database, run: string, step: string): Promise<any> =>
  one(db, "select * from steps where run_id = $1 and step = $2", [run, step]);

describe.each(DATABASES)("the group commit on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  test("writes runs, steps, items, events and logs of one decision at once", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const result = await owner.commit({
      runs: [runChange(run, { admittedAt: at, startedAt: at + 1, seq: 3, stepsTotal: 2 })],
      steps: [
        stepRow(run, "a[1]", { node: "a", path: ["1"], fence: owner.shards[0]!.epoch + 1, readyAt: at, queuedAt: at }),
        succeeded(run, "b", {
          worker: "w1",
          slot: "2.1",
          outputs: { result: { value: { x: [1, null] } }, other: { ref: "r", size: 9 } },
        }),
      ],
      items: [{ run, step: "g", key: "k1", ordinal: 0, value: { value: "first" } }],
      events: [
        { run, seq: 2, at, type: "RUN_DEQUEUED", step: null, data: null },
        { run, seq: 3, at, type: "STEP_QUEUED", step: "a[1]", data: { why: "ready" } },
      ],
      logs: [
        { run, step: "b", attempt: 1, chunk: { seq: 0, lines: [{ at, stream: "log", level: "info", text: "hi" }] } },
      ],
    });

    expect(result).toEqual({ ok: true });
    expect(await runRow(db, run)).toMatchObject({
      status: "STARTED",
      admitted_at: new Date(at),
      seq: 3,
      steps_total: 2,
    });
    expect(await stepOf(db, run, "a[1]")).toMatchObject({
      node: "a",
      path: ["1"],
      fence: owner.shards[0]!.epoch + 1,
      queued_at: new Date(at),
      outputs: null,
    });
    expect(await stepOf(db, run, "b")).toMatchObject({
      outputs: { result: { value: { x: [1, null] } }, other: { ref: "r", size: 9 } },
      output_names: ["result", "other"],
    });
    expect(await one(db, "select * from items where run_id = $1", [run])).toMatchObject({
      key: "k1",
      value: { value: "first" },
    });
    expect((await db.query("select seq, type, data from events where run_id = $1 order by seq", [run])).rows).toEqual([
      { seq: 1, type: "RUN_ENQUEUED", data: null },
      { seq: 2, type: "RUN_DEQUEUED", data: null },
      { seq: 3, type: "STEP_QUEUED", data: { why: "ready" } },
    ]);
    expect(await one(db, "select lines, at from logs where run_id = $1", [run])).toEqual({
      lines: [{ at, stream: "log", level: "info", text: "hi" }],
      at: new Date(at),
    });
  });

  test("keeps every value as it was given", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const texts = ["", "plain", 'a "quote", a \\ and {braces}', "NULL", "ключ 😀", "x".repeat(50_000), "ü".repeat(39)];
    const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678) + 0.25;
    await owner.commit({
      steps: texts.map((worker, i) =>
        stepRow(run, `s[${i}]`, {
          worker,
          priority: -(2 ** 15),
          attempt: 2 ** 31 - 1,
          fence: 2 ** 53 - 1,
          readyAt: at,
        }),
      ),
    });
    const { rows } = await db.query(
      `select worker, priority, attempt, fence::text, extract(epoch from ready_at)::numeric(20, 6)::text as ready_at
       from steps where run_id = $1 order by length(step), step`,
      [run],
    );
    expect(rows).toEqual(
      texts.map((worker) => ({
        worker,
        priority: -(2 ** 15),
        attempt: 2 ** 31 - 1,
        fence: String(2 ** 53 - 1),
        ready_at: (at / 1_000).toFixed(6),
      })),
    );
  });

  test("keeps the last state of a step that it is given twice", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    await owner.commit({ steps: [stepRow(run, "a"), succeeded(run, "a", { fence: 7 })] });
    expect(await stepOf(db, run, "a")).toMatchObject({ status: "SUCCESS", fence: 7 });
  });

  test("advances the beat to the highest fence, and beyond itself where no fence was drawn", async () => {
    const owner = await ownerOf(db);
    const [lease] = owner.shards;
    await commit(db, batch(owner.owner, [{ ...lease!, beat: lease!.epoch + 500 }]));
    await commit(db, batch(owner.owner, [{ ...lease!, beat: lease!.epoch }]));
    expect((await readShards(db))[0]!.beat).toBe(lease!.epoch + 501);
  });

  test("writes nothing once one of its shards is another's, and says which", async () => {
    const run = await create(db);
    const old = await ownerOf(db);
    const [lost] = await readShards(db);
    await takeShard(db, { shard: lost!, owner: "successor" });

    const before = await readShards(db);
    const result = await old.commit({
      runs: [runChange(run)],
      steps: [stepRow(run, "a")],
      events: [{ run, seq: 2, at: 1, type: "RUN_START", step: null, data: null }],
      items: [{ run, step: "g", key: "k", ordinal: 0, value: { value: 1 } }],
      logs: [{ run, step: "a", attempt: 1, chunk: { seq: 0, lines: [] } }],
    });

    expect(result).toEqual({ ok: false, lost: [lost!.id], canceled: [] });
    expect((await runRow(db, run)).status).toBe("QUEUED");
    expect(await count(db, "steps", run)).toBe(0);
    expect(await count(db, "items", run)).toBe(0);
    expect(await count(db, "logs", run)).toBe(0);
    expect(await count(db, "events", run)).toBe(1);
    expect(await readShards(db)).toEqual(before);
  });

  test("writes nothing under an epoch that its own owner has replaced", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const [shard] = await readShards(db);
    const renewed = await takeShard(db, { shard: shard!, owner: owner.owner });
    expect(renewed!.epoch).toBeGreaterThanOrEqual(owner.shards[0]!.beat + 10_000_000);

    expect(await owner.commit({ steps: [stepRow(run, "a")] })).toEqual({ ok: false, lost: [0], canceled: [] });
    expect(await count(db, "steps", run)).toBe(0);
  });

  test("never alters a step that has ended", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    await owner.commit({ steps: [succeeded(run, "a", { fence: 5 }), stepRow(run, "b", { fence: 6 })] });
    await owner.commit({
      steps: [
        stepRow(run, "a", { status: "FAILURE", fence: 9, endedAt: 9, error: { name: "Error", message: "late" } }),
        stepRow(run, "b", { status: "STARTED", fence: 7, startedAt: 2 }),
      ],
    });
    expect(await stepOf(db, run, "a")).toMatchObject({ status: "SUCCESS", fence: 5, error: null });
    expect(await stepOf(db, run, "b")).toMatchObject({ status: "STARTED", fence: 7 });
  });

  test("never alters how a run has ended, but closes its hooks", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const ended = runChange(run, { status: "SUCCESS", endedAt: 5000, seq: 2, hooksOpen: true });
    await owner.commit({ runs: [ended] });
    const { changed } = await runRow(db, run);

    await owner.commit({
      runs: [runChange(run, { status: "FAILURE", endedAt: 9000, failureReason: "STEP_FAILURE", seq: 9 })],
    });
    await owner.commit({ runs: [runChange(run, { status: "STARTED", seq: 10 })] });
    expect(await runRow(db, run)).toMatchObject({
      status: "SUCCESS",
      ended_at: new Date(5000),
      seq: 2,
      hooks_open: true,
    });

    await owner.commit({ runs: [{ ...ended, endedAt: 7000, seq: 3, hooksOpen: false }] });
    expect(await runRow(db, run)).toMatchObject({ ended_at: new Date(5000), seq: 3, hooks_open: false, changed });
  });

  test("keeps an item's first value", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const item = { run, step: "g", key: "k", ordinal: 0, value: { value: "first" } };
    await owner.commit({ items: [item] });
    await owner.commit({ items: [{ ...item, ordinal: 3, value: { value: "second" } }] });
    expect(await one(db, "select ordinal, value from items where run_id = $1", [run])).toEqual({
      ordinal: 0,
      value: { value: "first" },
    });
  });

  test("frees the grant and all pool slots of a run that ends, and the slots of steps that end or park", async () => {
    const [ending, living] = (await createRuns(db, [newRun(), newRun()])).map(({ id }) => id) as [string, string];
    await db.query("insert into grants (run_id, shard) values ($1, 0), ($2, 0)", [ending, living]);
    await db.query("insert into pools (name, slots) values ('db', 5) on conflict do nothing");
    await db.query(
      "insert into pool_slots (pool, run_id, step) values ('db', $1, 'x'), ('db', $2, 'ends'), ('db', $2, 'parks'), ('db', $2, 'runs')",
      [ending, living],
    );
    const owner = await ownerOf(db);
    await owner.commit({
      runs: [runChange(ending, { status: "CANCELED", endedAt: 9 }), runChange(living)],
      steps: [
        succeeded(living, "ends", { pool: "db" }),
        stepRow(living, "parks", { pool: "db", status: "UP_FOR_RETRY", retryAt: 9 }),
        stepRow(living, "runs", { pool: "db", status: "STARTED" }),
      ],
    });
    expect((await db.query("select run_id from grants where run_id = any($1)", [[ending, living]])).rows).toEqual([
      { run_id: living },
    ]);
    expect((await db.query("select step from pool_slots where run_id = any($1)", [[ending, living]])).rows).toEqual([
      { step: "runs" },
    ]);
  });

  test.each([
    ["a NUL in a text", { worker: "a\u0000b" }],
    ["a number beyond its column", { attempt: 2 ** 40 }],
    ["a row that contradicts itself", { endedAt: 4 }],
  ])("refuses %s with UNSTORABLE, and stores the rest of the halved batch", async (_what, bad) => {
    const run = await create(db);
    const owner = await ownerOf(db);
    await expect(owner.commit({ steps: [stepRow(run, "good"), stepRow(run, "bad", bad)] })).rejects.toMatchObject({
      code: "UNSTORABLE",
    });
    expect(await count(db, "steps", run)).toBe(0);
    expect(await owner.commit({ steps: [stepRow(run, "good")] })).toEqual({ ok: true });
    expect(await count(db, "steps", run)).toBe(1);
  });

  test("stores NUL and lone surrogates inside of JSON as they are", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const value = { "k\u0000": "v\u0000\ud800", emoji: "🦆", quote: `"\\{},NULL` };
    await owner.commit({ steps: [succeeded(run, "a", { outputs: { result: { value } } })] });
    expect((await stepOf(db, run, "a")).outputs).toEqual({ result: { value } });
  });

  test("takes 5,000 rows at once", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const steps = Array.from({ length: 5000 }, (_, i) => succeeded(run, `t[${i}]`, { node: "t", path: [String(i)] }));
    expect(await owner.commit({ steps })).toEqual({ ok: true });
    expect(await count(db, "steps", run)).toBe(5000);
  });

  test("a released shard is refused to its former owner and free for the next", async () => {
    const owner = await ownerOf(db);
    await releaseShard(db, owner.shards[3]!, owner.owner);
    expect(await beat(db, owner.owner, owner.shards)).toEqual([3]);
    const free = (await readShards(db))[3]!;
    expect(free.owner).toBeNull();
    const lease = await takeShard(db, { shard: free, owner: "next" });
    expect(lease!.epoch).toBeGreaterThan(owner.shards[3]!.epoch);
    expect(await takeShard(db, { shard: free, owner: "too late" })).toBeNull();
  });

  test("each takeover is on record, with whom it came from, why, and what it has come to", async () => {
    const owner = await ownerOf(db);
    const take = async (taker: string, last: Partial<LastSeen> = {}) => {
      const seen = { handed: false, silent: false, quietMs: null, ...last };
      return (await takeShard(db, { shard: (await readShards(db))[5]!, owner: taker, seen }))!;
    };
    expect(await releaseShard(db, owner.shards[5]!, owner.owner, "b")).toBe(true);
    expect(await releaseShard(db, owner.shards[5]!, owner.owner, "c")).toBe(false);
    const given = await take("b", { handed: true, quietMs: 86_400_000 });
    await noteTakeover(db, given, { runs: 3, servedMs: 20, sentAgain: 2, hadBegun: 1 });
    await releaseShard(db, given, "b");
    await take("c");
    await noteTakeover(db, await take("d", { silent: true, quietMs: 5_000 }), {
      runs: 1,
      servedMs: 30,
      sentAgain: 0,
      hadBegun: 0,
    });
    await take("d");
    const record = (await listTakeovers(db, 100)).filter(({ shard }) => shard === 5).slice(0, 4);
    expect(
      record.map(({ former, owner: by, how, runs, sent_again, had_begun }) => [
        ...[former, by, how],
        ...[runs, sent_again, had_begun],
      ]),
    ).toEqual([
      ["d", "d", "itself", null, null, null],
      ["c", "d", "silent", 1, 0, 0],
      ["b", "c", "given", null, null, null],
      [owner.owner, "b", "handed", 3, 2, 1],
    ]);
    // Of what is given away the database knows when; before it is served again nothing is said.
    expect(record.map(({ stalled_ms }) => stalled_ms)).toEqual([null, 5_030, null, expect.any(Number)]);
    expect(record[3]!.stalled_ms).toBeLessThan(86_400_000);
  });

  test("a takeover fails once the owner has beaten since the shard was read", async () => {
    const owner = await ownerOf(db);
    const read = (await readShards(db))[1]!;
    expect(await beat(db, owner.owner, owner.shards)).toEqual([]);
    expect(await takeShard(db, { shard: read, owner: "challenger" })).toBeNull();
  });
});
