import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { type Database, openDatabase } from "../../store/database";
import { hashText } from "../../store/hash-text";
import { ensureSchema } from "../../store/migrate";
import { describeOnPostgres, startPostgres, type PostgresServer } from "../support/postgres";
import { cursorOf, publish, sensorDefinition } from "./rig";

const BATCH = 200;

const started = new Set<ChildProcess>();
/** A daemon in its own process; `ticked(n)` resolves after its nth tick. */
const doomed = (env: Record<string, string>) => {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "doomed-daemon.ts")], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.add(child);
  const lines = createInterface({ input: child.stdout });
  let ticks = 0;
  return {
    ticked: async (count: number): Promise<void> => {
      while (ticks < count) {
        await once(lines, "line");
        ticks++;
      }
    },
    kill: async (): Promise<void> => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      started.delete(child);
    },
  };
};
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  started.clear();
});

const counted = async (db: Database): Promise<{ runs: number; keys: number; cursor: number }> => {
  const { rows } = await db.query<{ runs: number; keys: number }>(
    "select (select count(*)::int from runs) as runs, (select count(*)::int from run_keys) as keys",
  );
  return { ...rows[0]!, cursor: Number(await cursorOf(db, "batches")) };
};

describeOnPostgres("SEN-2: a daemon that is killed while it launches 200 runs", () => {
  let server: PostgresServer;
  let db: Database;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
  });
  beforeEach(async () => {
    url = await server.newDatabase();
    db = await openDatabase({ databaseUrl: url, home: tmpdir() });
    await ensureSchema(db);
    await publish(db, [sensorDefinition("batches", { minimumIntervalSeconds: 0.02 })]);
  });
  afterEach(() => db.close());
  afterAll(() => server.stop());

  test("in the middle of its transaction leaves none, and the next one launches them all", async () => {
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query("begin");
    await holder.query(
      `insert into run_keys (instigator, run_key_hash, run_key, run_id)
       values ('batches', decode($1, 'hex'), '0-150', gen_random_uuid())`,
      [hashText("0-150")],
    );
    const first = doomed({ DATABASE: url, HOME_FOLDER: tmpdir(), LIMIT: "1" });
    // The 151st key waits for ours: the server alone knows, and does not say so by itself.
    for (let waiting = 0; waiting === 0;) {
      const { rows } = await holder.query(
        "select count(*)::int as waiting, pg_sleep(0.02) from pg_locks where not granted",
      );
      waiting = rows[0].waiting;
    }
    await first.kill();
    await holder.query("rollback");
    await holder.end();
    expect(await counted(db)).toEqual({ runs: 0, keys: 0, cursor: 0 });

    const second = doomed({ DATABASE: url, HOME_FOLDER: tmpdir(), LIMIT: "1" });
    await second.ticked(2);
    await second.kill();
    expect(await counted(db)).toEqual({ runs: BATCH, keys: BATCH, cursor: 1 });
  });

  test("at any moment leaves all of a tick or nothing of it", async () => {
    for (let round = 0; round < 5; round++) {
      const child = doomed({ DATABASE: url, HOME_FOLDER: tmpdir(), LIMIT: "1000" });
      await child.ticked(1);
      await db.query("select pg_sleep($1)", [Math.random() / 10]);
      await child.kill();
      // What the killed one had sent may still be under way: its server process ends it or not, then lets go.
      await db.query("select 1 from instigators for update");
      const { runs, keys, cursor } = await counted(db);
      expect({ runs, keys }).toEqual({ runs: cursor * BATCH, keys: cursor * BATCH });
    }
  });
});

describe("SEN-2 embedded: a process that is killed while it launches runs", () => {
  test("leaves all of a tick or nothing of it", async () => {
    const home = mkdtempSync(join(tmpdir(), "dqueue-home-"));
    const first = await openDatabase({ home });
    await ensureSchema(first);
    await publish(first, [sensorDefinition("batches", { minimumIntervalSeconds: 0.02 })]);
    await first.close();
    const child = doomed({ HOME_FOLDER: home, DATABASE: "", LIMIT: "1000" });
    await child.ticked(3);
    await child.kill();
    const db = await openDatabase({ home });
    const { runs, keys, cursor } = await counted(db);
    expect(cursor).toBeGreaterThanOrEqual(3);
    expect({ runs, keys }).toEqual({ runs: cursor * BATCH, keys: cursor * BATCH });
    await db.close();
    rmSync(home, { recursive: true, force: true });
  });
});
