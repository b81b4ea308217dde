import { commit } from "../../store/commit";
import type { Database } from "../../store/database";
import { admitQueued } from "../../store/runs";
import { sweepTakeovers } from "../../store/retention/sweep-rows";
import { readShards, takeShard } from "../../store/shards";
import { DATABASES, type TestDatabase } from "../support/databases";
import { batch, create, leaseOf, openTransaction, ownerOf, stepRow, untilBlocked } from "./world";

const count = async (db: Database, table: string, run: string): Promise<number> =>
  (await db.query<{ n: number }>(`select count(*) as n from ${table} where run_id = $1`, [run])).rows[0]!.n;

const POSTGRES = DATABASES.filter(([name]) => name === "PostgreSQL");
(POSTGRES.length > 0 ? describe.each(POSTGRES) : describe.skip.each(DATABASES))("two owners on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  test("a takeover waits for the commit that is under way, and then fails as the shard has moved on", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const read = (await readShards(db))[0]!;
    // An owner that stops between execution and end.
    const { within, end } = await openTransaction(world.url!);
    expect(await commit(within, batch(owner.owner, owner.shards, { steps: [stepRow(run, "a")] }))).toEqual({
      ok: true,
    });

    const takeover = takeShard(db, { shard: read, owner: "challenger" });
    await untilBlocked(db);
    await end();
    expect(await takeover).toBeNull();
    expect(await count(db, "steps", run)).toBe(1);
  });

  test("a commit that waited for a takeover writes nothing", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const { within, end } = await openTransaction(world.url!);
    await within.query("update shards set owner = 'challenger', epoch = epoch + 1000 where id = 2");
    const late = owner.commit({ steps: [stepRow(run, "a")] });
    await untilBlocked(db);
    await end();
    expect(await late).toEqual({ ok: false, lost: [2], canceled: [] });
    expect(await count(db, "steps", run)).toBe(0);
  });

  test("a takeover waits for an admission that is under way, and a commit does not", async () => {
    await create(db);
    const owner = await ownerOf(db);
    const { within, end } = await openTransaction(world.url!);
    const admitter = leaseOf(owner);
    expect(await admitQueued(within, { maxConcurrentRuns: 1_000, admitter })).not.toMatchObject({ grants: [] });
    expect(await owner.commit({})).toEqual({ ok: true });

    const takeover = takeShard(db, { shard: (await readShards(db))[0]!, owner: "challenger" });
    await untilBlocked(db);
    await end();
    expect(await takeover).toMatchObject({ id: 0 });
    expect(await admitQueued(db, { maxConcurrentRuns: 1_000, admitter })).toMatchObject({ grants: [] });
  });

  test("an owner that is paused inside a transaction does not block its takeover for long", async () => {
    const owner = await ownerOf(db);
    const paused = await db.session();
    await paused.query("begin");
    await paused.query("update shards set beat = beat + 1 where id = 0 and owner = $1", [owner.owner]);
    const lost = new Promise<Error>((resolve) => paused.onLost(resolve));
    const read = (await readShards(db))[0]!;
    const lease = await takeShard(db, { shard: read, owner: "challenger" });
    expect(lease).toMatchObject({ id: 0 });
    expect(await lost).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    await paused.close();
  });

  test("takeovers go after their time, but those of present owners", async () => {
    const owner = await ownerOf(db);
    await db.query(`insert into takeovers (shard, epoch, at, owner, how) values (0, 1, now(), 'a', 'first')`);
    await db.query(`update takeovers set at = now() - interval '31 days' where shard = 0`);
    for await (const _rows of sweepTakeovers(db, 30));
    const { rows } = await db.query(`select shard, epoch from takeovers where owner = $1 or shard = 0 order by 1`, [
      owner.owner,
    ]);
    expect(rows).toEqual(owner.shards.map(({ id, epoch }) => ({ shard: id, epoch })));
  });
});
