import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { openDatabase, type Database } from "../../store/database";
import { pendingMigrations } from "../../store/migrate";
import { sequelizeOf } from "../../store/sequelize";
import { startEmbedded } from "../../store/embedded";
import { lockHome } from "../../store/embedded/lock";
import { built } from "../../store/built";

const homes: string[] = [];
const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), "dqueue-home-"));
  homes.push(home);
  return home;
};
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

const withDatabase = async <T>(home: string, work: (db: Database) => Promise<T>): Promise<T> => {
  const db = await openDatabase({ home });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
};
const numbers = (home: string): Promise<number[]> =>
  withDatabase(home, async (db) =>
    (await db.query<{ n: number }>("select n from t order by n")).rows.map(({ n }) => n),
  );

/** A process of its own that opens the database of a home and runs a script with `db`, after an order of the shell's. */
const otherProcess = (home: string, script: string, order = ":"): ChildProcess =>
  spawn("sh", [
    "-c",
    `${order}; exec "$0" -e "$1"`,
    process.execPath,
    `const { openDatabase } = require(${JSON.stringify(built("store", "database.js"))});
     openDatabase({ home: ${JSON.stringify(home)} }).then(async (db) => { ${script} })
       .catch((error) => { console.log(error.code + ": " + error.message); process.exit(3); });`,
  ]);
const lines = (child: ChildProcess): AsyncIterator<string> =>
  createInterface({ input: child.stdout! })[Symbol.asyncIterator]();

describe("the embedded database", () => {
  test("keeps what was committed when its process is killed with -9", async () => {
    const home = newHome();
    for (const round of [0, 1, 2]) {
      const child = otherProcess(
        home,
        `await db.query("create table if not exists t (n int primary key)");
         for (let n = ${round * 100_000}; ; n++) {
           await db.query("insert into t values ($1)", [n]);
           console.log(n);
         }`,
      );
      const out = lines(child);
      let confirmed = -1;
      while (confirmed < round * 100_000 + 50) confirmed = Number((await out.next()).value);
      child.kill("SIGKILL");
      await once(child, "exit");
      for (let line = await out.next(); !line.done; line = await out.next())
        if (line.value) confirmed = Number(line.value);

      const kept = (await numbers(home)).filter((n) => n >= round * 100_000);
      expect(kept.length).toBeGreaterThanOrEqual(confirmed - round * 100_000 + 1);
      expect(kept.slice(0, 3)).toEqual([0, 1, 2].map((n) => n + round * 100_000));
    }
  });

  test("is refused to a second process with one clear line, and free again once the first is gone", async () => {
    const home = newHome();
    const first = otherProcess(home, `console.log("open"); process.stdin.resume();`);
    expect((await lines(first).next()).value).toBe("open");

    const second = otherProcess(home, "");
    const said = (await lines(second).next()).value as string;
    expect(said).toContain("HOME_IN_USE");
    expect(said).toContain(`process ${first.pid}`);
    expect(said).toContain("DQUEUE_HOME");
    await expect(openDatabase({ home })).rejects.toMatchObject({ code: "HOME_IN_USE" });

    first.kill("SIGKILL");
    await once(first, "exit");
    await withDatabase(home, async (db) => expect((await db.query("select 1 as one")).rows).toEqual([{ one: 1 }]));
  });

  test("starts from the template that ships, and again from what it has kept", async () => {
    expect(existsSync(built("store", "embedded", "template.tar.gz"))).toBe(true);
    const home = newHome();
    await withDatabase(home, async (db) => {
      // The schema is in it.
      expect(await pendingMigrations(db)).toEqual([]);
      await db.query("create table t (n int)");
    });
    expect(await numbers(home)).toEqual([]);
    expect(existsSync(join(home, "pgdata.new"))).toBe(false);
  });

  test("begins anew where an earlier first start was killed half-way", async () => {
    const home = newHome();
    mkdirSync(join(home, "pgdata.new"));
    writeFileSync(join(home, "pgdata.new", "PG_VERSION"), "18");
    await withDatabase(home, (db) => db.query("select 1"));
  });

  test.each([
    ["of another PostgreSQL", { PG_VERSION: "17\n" }, "EMBEDDED_VERSION"],
    ["that is none", { "notes.txt": "hello" }, "EMBEDDED_DAMAGED"],
  ])("refuses a data folder %s, leaves it alone and unlocks the home", async (_what, files, code) => {
    const home = newHome();
    mkdirSync(join(home, "pgdata"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, "pgdata", name), text);
    await expect(openDatabase({ home })).rejects.toMatchObject({ code });
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(home, "pgdata", name), "utf8")).toBe(text);
    await (await lockHome(home)).release();
  });

  test("rolls back what a client leaves open, so that others' commits stand", async () => {
    const home = newHome();
    const embedded = await startEmbedded(home);
    const client = async (): Promise<Client> => {
      const one = new Client({
        user: "anyone",
        database: "anything",
        password: "",
        stream: () => embedded.stream() as never,
      });
      await one.connect();
      return one;
    };
    const [leaver, stayer] = [await client(), await client()];
    await stayer.query("create table t (n int)");
    await leaver.query("begin");
    await leaver.query("insert into t values (1)");
    const waiting = stayer.query("insert into t values (2)");
    await leaver.end();
    await waiting;
    await stayer.end();
    await embedded.close();
    expect(await numbers(home)).toEqual([2]);
  });

  test("lets a transaction finish before another client's queries, and Sequelize beside the pool", async () => {
    await withDatabase(newHome(), async (db) => {
      await db.query("create table t (n int)");
      const order: string[] = [];
      const tx = db.transaction(async (inside) => {
        await inside.query("insert into t values (1)");
        const other = sequelizeOf(db)
          .query("select count(*)::int as n from t")
          .then(([rows]) => {
            order.push("other");
            return rows;
          });
        await inside.query("insert into t values (2)");
        order.push("transaction");
        return { other };
      });
      expect(await (await tx).other).toEqual([{ n: 2 }]);
      expect(order).toEqual(["transaction", "other"]);
    });
  });

  test("does not let its write-ahead log grow for ever", async () => {
    const home = newHome();
    await withDatabase(home, async (db) => {
      await db.query("create table t (n int, filler text)");
      const filler = "x".repeat(1024 * 1024);
      for (let n = 0; n < 150; n++) {
        await db.query("insert into t values ($1, $2)", [n, `${filler}${n}`]);
        await db.query("delete from t");
      }
      const { rows } = await db.query("select sum(size) as bytes from pg_ls_waldir()");
      expect(Number(rows[0]!.bytes)).toBeLessThan(100 * 1024 * 1024);
    });
  });

  test("stops with its own last words where it cannot write its log any more, and goes on at the next start", async () => {
    const home = newHome();
    await withDatabase(home, (db) => db.query("create table t (n int primary key)"));
    // Files that may not grow are what a disk is that is full.
    const out = lines(
      otherProcess(
        home,
        `for (let n = 0; ; n++) { await db.query("insert into t select generate_series($1::int, $1 + 999)", [n * 1000]); console.log(n); }`,
        "ulimit -f 1000",
      ),
    );
    let last = "-1";
    let confirmed = -1;
    for await (const line of { [Symbol.asyncIterator]: () => out }) {
      if (/^\d+$/.test(line)) confirmed = Number(line);
      last = line;
    }
    expect(last).toMatch(/^DATABASE_UNREACHABLE: The embedded database has stopped: could not write .*File too large/);
    expect((await numbers(home)).length).toBeGreaterThanOrEqual((confirmed + 1) * 1000);
  });

  test("answers a query after close with a clear error", async () => {
    const db = await openDatabase({ home: newHome() });
    await db.close();
    await expect(db.query("select 1")).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  });
});

describe("the lock of a home", () => {
  test("is taken over from a process that is gone, by one of many that try at once", async () => {
    const home = newHome();
    const crashed = spawn(process.execPath, [
      "-e",
      `require("net").createServer().listen(process.argv[1], () => console.log("up"))`,
      join(home, "lock-dead.sock"),
    ]);
    await lines(crashed).next();
    crashed.kill("SIGKILL");
    await once(crashed, "exit");
    expect(existsSync(join(home, "lock-dead.sock"))).toBe(true);

    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockHome(home)));
    const won = tries.filter((one) => one.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(existsSync(join(home, "lock-dead.sock"))).toBe(false);
    await won[0]!.value.release();
  });

  test("is had by one of two that try at the same moment, again and again", async () => {
    const home = newHome();
    for (let round = 0; round < 30; round++) {
      const tries = await Promise.allSettled([lockHome(home), lockHome(home)]);
      const won = tries.filter((one) => one.status === "fulfilled");
      expect(won).toHaveLength(1);
      await won[0]!.value.release();
    }
  });

  test("works for a home whose path is too long for a socket", async () => {
    const home = join(newHome(), "a".repeat(120));
    mkdirSync(home);
    const lock = await lockHome(home);
    await expect(lockHome(home)).rejects.toMatchObject({ code: "HOME_IN_USE" });
    await lock.release();
    await (await lockHome(home)).release();
  });
});
