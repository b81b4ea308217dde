import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { built, shipped } from "../../store/built";
import { createRuns } from "../../store/create-runs";
import { openDatabase, type Database } from "../../store/database";
import { MIGRATION_LOCK } from "../../store/locks";
import { ensureSchema, migrate, pendingMigrations } from "../../store/migrate";
import { ensurePartitions, lowestId } from "../../store/partitions";
import { listEvents } from "../../store/queries/history";
import { DATABASES, type TestDatabase } from "../support/databases";
import { describeOnPostgres, startPostgres, type PostgresServer } from "../support/postgres";
import { eventually } from "../support/eventually";
import { newRun } from "./world";
import { addEvents } from "../support/add-events";

const tables = async (db: Database): Promise<string[]> =>
  (
    await db.query<{ name: string }>(
      "select relname::text as name from pg_class where relnamespace = 'public'::regnamespace order by 1",
    )
  ).rows.map(({ name }) => name);

describe.each(DATABASES)("the schema on %s", (_name, open) => {
  let world: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    world = await open();
    db = world.db;
  });
  afterAll(() => world.stop());

  test("is there once migrated, and a second time changes nothing", async () => {
    expect(await pendingMigrations(db)).toEqual([]);
    expect(await migrate(db)).toEqual([]);
    expect((await db.query("select count(*) as n from shards")).rows).toEqual([{ n: 8 }]);
  });

  test("newer than this version is refused and not touched", async () => {
    await db.query("insert into dqueue_migrations (name) values ('999_from_the_future.sql')");
    const before = await tables(db);
    await expect(ensureSchema(db)).rejects.toMatchObject({
      code: "SCHEMA_TOO_NEW",
      message: expect.stringContaining("999_from_the_future.sql"),
    });
    await expect(pendingMigrations(db)).rejects.toMatchObject({ code: "SCHEMA_TOO_NEW" });
    expect(await tables(db)).toEqual(before);
    await db.query("delete from dqueue_migrations where name = '999_from_the_future.sql'");
  });

  test("a round in which a migration fails leaves no trace, not of those before it either", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dqueue-migrations-"));
    cpSync(shipped("store", "migrations"), folder, { recursive: true });
    writeFileSync(join(folder, "901_good.sql"), "create table second (n int);");
    writeFileSync(join(folder, "902_bad.sql"), "create table third (n int); select nonsense;");
    const before = await tables(db);
    await expect(migrate(db, folder)).rejects.toMatchObject({ code: "42703" });
    expect(await tables(db)).toEqual(before);
    expect(await pendingMigrations(db, folder)).toEqual(["901_good.sql", "902_bad.sql"]);
    writeFileSync(join(folder, "902_bad.sql"), "drop table second;");
    expect(await migrate(db, folder)).toEqual(["901_good.sql", "902_bad.sql"]);
    await db.query("delete from dqueue_migrations where name > '9'");
    rmSync(folder, { recursive: true });
  });

  test("partitions are made for today and two days ahead, once, by many callers at a time", async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensurePartitions(db)));
    expect(made.flatMap(({ created }) => created)).toHaveLength(3);
    expect(made.flatMap(({ skipped }) => skipped)).toEqual([]);
    const [run] = await createRuns(db, [newRun()]);
    const { rows } = await db.query("select tableoid::regclass::text as name from event_batches where run_id = $1", [
      run!.id,
    ]);
    expect(rows[0]!.name).toMatch(/^event_batches_\d{8}$/);
    expect(await ensurePartitions(db)).toEqual({ created: [], skipped: [] });
  });

  test("a day whose rows already stand in the default partition is skipped whole, and the others made", async () => {
    const inFourDays = Date.now() + 4 * 86_400_000;
    await addEvents(db, lowestId(inFourDays), [{ seq: 1, type: "ENGINE_EVENT" }]);
    const { created, skipped } = await ensurePartitions(db, 5);
    expect(skipped).toEqual([new Date(inFourDays).toISOString().slice(0, 10).replaceAll("-", "")]);
    expect(created).toHaveLength(2);
    expect(await tables(db)).not.toContain(`steps_${skipped[0]}`);
    expect((await db.query("select count(*) as n from events where run_id = $1", [lowestId(inFourDays)])).rows).toEqual(
      [{ n: 1 }],
    );
  });
});

describeOnPostgres("an empty PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres()));
  afterAll(() => server.stop());
  const withDatabase = async <T>(url: string, work: (db: Database) => Promise<T>): Promise<T> => {
    const db = await openDatabase({ databaseUrl: url, home: tmpdir() });
    return work(db).finally(() => db.close());
  };

  test("is migrated once by ten processes that start at the same time", async () => {
    const url = await server.newDatabase();
    const script = `
      const { openDatabase } = require(${JSON.stringify(built("store", "database.js"))});
      const { migrate } = require(${JSON.stringify(built("store", "migrate.js"))});
      const { ensurePartitions } = require(${JSON.stringify(built("store", "partitions.js"))});
      openDatabase({ databaseUrl: ${JSON.stringify(url)}, home: "." }).then(async (db) => {
        console.log((await migrate(db)).length);
        await ensurePartitions(db);
        await db.close();
      }).catch((error) => { console.error(error); process.exit(1); });`;
    const results = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "pipe"] });
        let [out, err] = ["", ""];
        child.stdout.on("data", (data) => (out += data));
        child.stderr.on("data", (data) => (err += data));
        const [code] = await once(child, "close");
        return { code, applied: Number(out), err };
      }),
    );
    expect(results.filter(({ code }) => code !== 0)).toEqual([]);
    const { length } = readdirSync(shipped("store", "migrations"));
    expect(results.map(({ applied }) => applied).sort()).toEqual([...Array<number>(9).fill(0), length]);
  });

  test("written when events were rows each shows the same events afterwards", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dqueue-migrations-"));
    cpSync(shipped("store", "migrations"), folder, {
      recursive: true,
      filter: (path) => !/\/(00[6-9]|0[1-9])/.test(path),
    });
    await withDatabase(await server.newDatabase(), async (db) => {
      await migrate(db, folder);
      const [today, run] = [lowestId(Date.now()), lowestId(Date.now() + 5 * 86_400_000)];
      await db.query(
        `create table events_today partition of events for values from ('${lowestId(Date.now() - 1_000)}') to ('${lowestId(Date.now() + 86_400_000)}')`,
      );
      await db.query(
        `insert into events (run_id, seq, at, type, step, data)
         select run, seq, to_timestamp(1764137261.123) + make_interval(secs => seq), case seq when 40 then 'STEP_LOST' else 'STEP_START' end,
                case when seq > 1 then 'größe[' || seq || ']' end, case when seq % 2 = 0 then '{"worker": "w"}'::json end
         from unnest($1::uuid[]) run, generate_series(1, 50) seq`,
        [[today, run]],
      );
      const all = "select run_id, seq, at, type, step, data::text from events order by run_id, seq";
      const { rows: before } = await db.query(all);
      expect(await migrate(db)).toContain("006_event_batches.sql");
      expect((await db.query(all)).rows).toEqual(before);
      const rare = await listEvents(db, run, 0, 10, ["STEP_LOST"]);
      expect(rare.items.map(({ seq }) => seq)).toEqual([40]);
      const { rows } = await db.query("select distinct tableoid::regclass::text as name from event_batches order by 1");
      expect(rows.map(({ name }) => name)).toEqual(["event_batches_default", "event_batches_today"]);
    });
    rmSync(folder, { recursive: true });
  });

  test("is migrated once by those that wait while another does it, however little it alters", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dqueue-migrations-"));
    // After larger changes PostgreSQL has waiting connections forget what they have cached.
    writeFileSync(join(folder, "001_small.sql"), "create table small (n int);");
    const url = await server.newDatabase();
    await withDatabase(url, async (first) => {
      const waiting = await first.transaction(async (tx) => {
        await tx.query("select pg_advisory_xact_lock($1, 0)", [MIGRATION_LOCK]);
        const others = Array.from({ length: 4 }, () => withDatabase(url, (db) => migrate(db, folder)));
        const queued = `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted
                        and database = (select oid from pg_database where datname = current_database())`;
        await eventually(async () => (await first.query<{ n: number }>(queued)).rows[0]!.n === others.length);
        return others;
      });
      expect((await Promise.all(waiting)).flat()).toEqual(["001_small.sql"]);
    });
    rmSync(folder, { recursive: true });
  });

  test("that another program has filled is refused and not touched", async () => {
    const url = await server.newDatabase();
    await withDatabase(url, async (db) => {
      await db.query("create table runs (id int)");
      await expect(ensureSchema(db)).rejects.toMatchObject({ code: "SCHEMA_FOREIGN" });
      expect(await tables(db)).toEqual(["runs"]);
    });
  });
});
