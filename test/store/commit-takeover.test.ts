import { Client } from "pg";
import { commit } from "../../store/commit";
import type { Database } from "../../store/database";
import { readShards, takeShard } from "../../store/shards";
import { DATABASES, type TestDatabase } from "../support/databases";
import { batch, create, ownerOf, stepRow } from "./world";

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

  /** The commit statement of a batch, run inside an open transaction: an owner that stops between execution and end. */
  const inTransaction = async (): Promise<Client> => {
    const client = new Client({ connectionString: world.url! });
    await client.connect();
    await client.query("begin");
    return client;
  };
  const blocked = async (): Promise<void> => {
    for (;;) {
      const { rows } = await db.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      if (rows.length > 0) return;
    }
  };

  test("a takeover waits for the commit that is under way, and then fails as the shard has moved on", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const read = (await readShards(db))[0]!;
    const client = await inTransaction();
    const held = {
      embedded: false,
      query: async (text: string, values?: readonly unknown[]) =>
        (await client.query(text, values as unknown[])) as never,
    };
    expect(await commit(held, batch(owner.owner, owner.shards, { steps: [stepRow(run, "a")] }))).toEqual({ ok: true });

    const takeover = takeShard(db, { shard: read, owner: "challenger" });
    await blocked();
    await client.query("commit");
    await client.end();
    expect(await takeover).toBeNull();
    expect(await count(db, "steps", run)).toBe(1);
  });

  test("a commit that waited for a takeover writes nothing", async () => {
    const run = await create(db);
    const owner = await ownerOf(db);
    const client = await inTransaction();
    await client.query("update shards set owner = 'challenger', epoch = epoch + 1000 where id = 2");
    const late = owner.commit({ steps: [stepRow(run, "a")] });
    await blocked();
    await client.query("commit");
    await client.end();
    expect(await late).toEqual({ ok: false, lost: [2], canceled: [] });
    expect(await count(db, "steps", run)).toBe(0);
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
});
