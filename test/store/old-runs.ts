import { v7 as uuidv7 } from "uuid";
import type { RunStatus } from "../../core/status";
import type { Database } from "../../store/database";
import { dayName, lowestId, PARTITIONED } from "../../store/partitions";
import { daysWithTables } from "../../store/retention/days";
import { storeValue } from "../../store/values";
import { create, graph, node, ownerOf, succeeded } from "./world";

export const DAY_MS = 86_400_000;
const TABLES = [...PARTITIONED, '"values"'];

interface Old {
  /** Days ago. */
  created: number;
  /** Days ago; null: it goes on. */
  ended?: number | null;
  status?: RunStatus;
  job?: string;
  steps?: number;
  hooksOpen?: boolean;
}

/** The start of today, by the database's clock. */
export const startOfToday = async (db: Database): Promise<number> => {
  const { rows } = await db.query<{ today: Date }>("select date_trunc('day', now(), 'UTC') as today");
  return rows[0]!.today.getTime();
};

/** Runs of days that are long gone, as they were left then. */
export const oldRuns = (db: Database, today: number) => ({
  /** The tables of a day so many days ago. */
  makeDay: async (daysAgo: number): Promise<string> => {
    const day = today - daysAgo * DAY_MS;
    for (const table of PARTITIONED)
      await db.query(
        `create table ${table}_${dayName(day)} partition of ${table}
         for values from ('${lowestId(day)}') to ('${lowestId(day + DAY_MS)}')`,
      );
    return dayName(day);
  },

  /** A run with rows of every kind, launched at noon. */
  oldRun: async ({
    created,
    ended = created,
    status = "SUCCESS",
    job = "demo",
    steps = 1,
    hooksOpen = false,
  }: Old): Promise<string> => {
    const at = today - created * DAY_MS + DAY_MS / 2;
    const id = await create(db, { id: uuidv7({ msecs: at }), job, graph: graph([node("a")], job) });
    const keys = Array.from({ length: steps }, (_, n) => `a[${n}]`);
    await (
      await ownerOf(db)
    ).commit({
      steps: keys.map((key) => succeeded(id, key)),
      items: keys.map((key, ordinal) => ({ run: id, step: "a", key, ordinal, value: { value: 1 } })),
      events: [{ run: id, seq: 2, at, type: "RUN_SUCCESS", step: null, data: null }],
      logs: keys.map((step) => ({
        ...{ run: id, step, attempt: 1 },
        chunk: { seq: 0, lines: [{ at, stream: "stdout" as const, level: "info" as const, text: "hello" }] },
      })),
    });
    await storeValue(db, { id: `value-${id}`, run: id, value: "large", size: 1_000 });
    await db.query("update runs set created_at = to_timestamp($2 / 1000.0) where id = $1", [id, at]);
    if (ended !== null)
      await db.query(
        `update runs set status = $2, ended_at = to_timestamp($3 / 1000.0), hooks_open = $4,
           failure_reason = case when $2 = 'FAILURE' then 'STEP_FAILURE' end where id = $1`,
        [id, status, today - ended * DAY_MS + DAY_MS / 2 + 1_000, hooksOpen],
      );
    return id;
  },
});

export type OldRuns = ReturnType<typeof oldRuns>;

/** Runs, and the runs of which a table has rows. */
export const runsIn = async (db: Database, table: string): Promise<string[]> => {
  const column = table === "runs" ? "id" : "run_id";
  const { rows } = await db.query<{ id: string }>(`select distinct ${column} as id from ${table} order by 1`);
  return rows.map(({ id }) => id);
};

/** Of these runs everything is there, of others nothing. */
export const expectTraces = async (db: Database, of: readonly string[]): Promise<void> => {
  for (const table of ["runs", ...TABLES]) expect([table, await runsIn(db, table)]).toEqual([table, [...of].sort()]);
  expect(await runsIn(db, "removals")).toEqual([]);
};

/** No runs, no days. */
export const empty = async (db: Database): Promise<void> => {
  for (const day of await daysWithTables(db))
    for (const table of PARTITIONED) await db.query(`drop table if exists ${table}_${dayName(day)}`);
  for (const table of ["runs", ...TABLES, "removals", "gone_runs", "ticks"]) await db.query(`delete from ${table}`);
};
