import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import type { OwnerStore } from "../../coordinator/ports";
import { openDatabase, type Database } from "../../store/database";
import { sequelizeOf } from "../../store/sequelize";
import type { ownerStore } from "../../store/owner-store";
import { clearError } from "../../store/errors";
import { joinCoordinators, liveCoordinators } from "../../store/shards";
import { DATABASES, type TestDatabase } from "../support/databases";
import { describeOnPostgres, startPostgres, type PostgresServer } from "../support/postgres";

describe.each(DATABASES)("the database on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
    await db.query("create table t (n int)");
  });
  afterAll(() => world.stop());

  test("gives numbers, times and JSON as JavaScript has them", async () => {
    const { rows } = await db.query(
      `select 9007199254740991::bigint as big, array[1, null]::bigint[] as many, '2026-01-02T03:04:05.678Z'::timestamptz as at,
              '{"a": [1]}'::json as json, '{"b": 2}'::jsonb as jsonb, count(*) as n from t`,
    );
    expect(rows).toEqual([
      {
        big: 9007199254740991,
        many: [1, null],
        at: new Date("2026-01-02T03:04:05.678Z"),
        json: { a: [1] },
        jsonb: { b: 2 },
        n: 0,
      },
    ]);
    await expect(db.query("select 9007199254740993::bigint as big")).rejects.toThrow(/9007199254740993/);
  });

  test("commits what a transaction has done, or nothing", async () => {
    await db.transaction((tx) => tx.query("insert into t values (1)"));
    await expect(
      db.transaction(async (tx) => {
        await tx.query("insert into t values (2)");
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    await expect(
      db.transaction(async (tx) => {
        await tx.query("insert into t values (3)");
        await tx.query("select nonsense").catch(() => {});
      }),
    ).rejects.toMatchObject({ code: "DATABASE_CONFLICT" });
    expect((await db.query("select n from t")).rows).toEqual([{ n: 1 }]);
  });

  test("leaves errors of a statement their SQLSTATE", async () => {
    await expect(db.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
  });

  test("takes queries side by side", async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => db.query("select $1::int as n", [i], "side_by_side")),
    );
    expect(answers.map(({ rows }) => rows[0]!.n)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

describe("a database that is not there", () => {
  test("is refused with a code when nothing listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    await expect(
      openDatabase({ databaseUrl: `postgres://me@127.0.0.1:${port}/x`, home: tmpdir() }),
    ).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: expect.stringContaining("DATABASE_URL"),
    });
  });

  test("is refused with a code when whoever listens says nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(
      openDatabase({ databaseUrl: `postgres://me@127.0.0.1:${port}/x`, home: tmpdir() }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^DATABASE_(UNREACHABLE|TIMEOUT)$/),
    });
    server.close();
  });
});

describeOnPostgres("a PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres({ own: true })));
  afterAll(() => server.stop());
  const open = async (more: object = {}): Promise<Database> =>
    openDatabase({ databaseUrl: await server.newDatabase(), home: tmpdir(), ...more });

  test("without the database named is refused with a code", async () => {
    const url = new URL(server.url);
    url.pathname = "/nowhere";
    await expect(openDatabase({ databaseUrl: url.href, home: tmpdir() })).rejects.toMatchObject({
      code: "DATABASE_MISSING",
    });
  });

  test("ends a statement that takes too long, and serves the next", async () => {
    const db = await open({ statementTimeoutMs: 100 });
    await expect(db.query("select pg_sleep(20)")).rejects.toMatchObject({ code: "DATABASE_TIMEOUT" });
    expect((await db.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await db.close();
  });

  test("that ends a connection between two statements of a transaction costs that transaction alone", async () => {
    const db = await open();
    const transaction = db.transaction(async (tx) => {
      const { rows } = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      const other = await db.session();
      await other.query("select pg_terminate_backend($1, 5000)", [rows[0]!.pid]);
      // Round trips, in which the farewell of the ended connection has come as well.
      for (let i = 0; i < 10; i++) await other.query("select 1");
      await other.close();
      await tx.query("select 1");
    });
    await expect(transaction).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect((await db.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await db.close();
  });

  test("that ends a connection of Sequelize's is told by the same code", async () => {
    const db = await open();
    const inHand = sequelizeOf(db).query("select pg_terminate_backend(pg_backend_pid())").catch(clearError);
    expect(await inHand).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    await db.close();
  });

  test("plans a prepared statement anew when its tables have grown", async () => {
    const now = jest.spyOn(performance, "now");
    const db = await open({ maxConnections: 1 });
    try {
      await db.query("set plan_cache_mode = force_generic_plan");
      await db.query("create table t (id int primary key) with (autovacuum_enabled = off)");
      await db.query("insert into t values (0)");
      await db.query("analyze t");
      const find = () => db.query("select t.id from t join unnest($1::int[]) as n (id) on t.id = n.id", [[7]], "find");
      const plan = async () => JSON.stringify((await db.query("explain execute find (array[7])")).rows);
      await find();
      await db.query("insert into t select generate_series(1, 20000)");
      await find();
      expect(await plan()).toContain("Seq Scan on t");
      now.mockReturnValue(performance.now() + 1_000);
      await find();
      expect(await plan()).toContain("t_pkey");
    } finally {
      now.mockRestore();
      await db.close();
    }
  });

  test("that restarts costs the queries in hand, not those after it; a lost lock is told", async () => {
    const db = await open();
    await db.query(
      "create table coordinators (id text primary key, lock_key int, joined_at timestamptz default now())",
    );
    const member = await joinCoordinators(db, "me");
    expect(await liveCoordinators(db)).toEqual(["me"]);
    const lost = new Promise<Error>((resolve) => member.onLost(resolve));
    const inHand = expect(db.query("select pg_sleep(20)")).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
    await server.restart();
    await inHand;
    expect(await lost).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect(await liveCoordinators(db)).toEqual([]);
    await member.close();
    await db.close();
  });
});

/** The coordinator's port is what the store offers. */
export const _port = (store: ReturnType<typeof ownerStore>): OwnerStore => store;
