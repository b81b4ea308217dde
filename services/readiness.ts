import type { Database } from "../store/database";
import { pendingMigrations } from "../store/migrate";
import { inTime } from "./in-time";

export interface Check {
  name: string;
  ok: boolean;
  /** What is wrong, a line each. */
  problems: string[];
}

interface Needs {
  readonly db: Database;
  readonly busProblems: () => string[];
}

const PATIENCE_MS = 3_000;

/** Whether this node can serve: database, migrations, broker. */
export const checkReadiness = async ({ db, busProblems }: Needs): Promise<{ ready: boolean; checks: Check[] }> => {
  const database = await tried("database", () => db.query("select 1").then(() => []));
  const migrations = database.ok
    ? await tried("migrations", async () => {
        const pending = await pendingMigrations(db);
        return pending.length > 0
          ? [`These migrations wait to be applied (dqueue migrate): ${pending.join(", ")}.`]
          : [];
      })
    : { name: "migrations", ok: false, problems: ["Not known while the database does not answer."] };
  const broker = await tried("broker", () => Promise.resolve(busProblems()));
  const checks = [database, migrations, broker];
  return { ready: checks.every(({ ok }) => ok), checks };
};

const tried = async (name: string, check: () => Promise<string[]>): Promise<Check> => {
  try {
    const problems = await inTime(PATIENCE_MS, check());
    return { name, ok: problems.length === 0, problems };
  } catch (error) {
    return { name, ok: false, problems: [(error as Error).message] };
  }
};
