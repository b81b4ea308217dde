import type { Queryable } from "../database";
import { daySizes } from "../retention/days";

/** What the runs of a job take, in bytes, as it was last measured. */
export interface JobStorage {
  job: string;
  bytes: number;
  /** With their items. */
  steps: number;
  events: number;
  logs: number;
  values: number;
}

/** What a day takes now. */
export interface DayStorage {
  /** YYYY-MM-DD, UTC, by the launch of runs. */
  day: string;
  bytes: number;
}

export interface Storage {
  measured_at: string | null;
  oldest_run_at: string | null;
  jobs: JobStorage[];
  days: DayStorage[];
}

/** Jobs largest first, days oldest first. Asks the file system for each day: not for every look. */
export const readStorage = async (db: Queryable): Promise<Storage> => {
  const { rows } = await db.query<{ measured_at: Date | null; oldest_run_at: Date | null }>(
    `select (select done_at from upkeep_tasks where name = 'storage') as measured_at,
            (select created_at from runs order by created_at, id limit 1) as oldest_run_at`,
  );
  const { measured_at, oldest_run_at } = rows[0]!;
  const sizes = await daySizes(db);
  return {
    measured_at: measured_at?.toISOString() ?? null,
    oldest_run_at: oldest_run_at?.toISOString() ?? null,
    jobs: await byJob(db),
    days: sizes.map(({ day, bytes }) => ({ day: new Date(day).toISOString().slice(0, 10), bytes })),
  };
};

const byJob = async (db: Queryable): Promise<JobStorage[]> => {
  const part = (...names: string[]): string =>
    `(coalesce(sum(bytes) filter (where part in (${names.map((name) => `'${name}'`).join(", ")})), 0))::bigint`;
  const { rows } = await db.query<JobStorage>(
    `select job, sum(bytes)::bigint as bytes, ${part("steps", "items")} as steps, ${part("event_batches")} as events,
            ${part("logs")} as logs, ${part("values")} as values
     from storage group by job order by bytes desc, job`,
  );
  return rows;
};
