import { listJobs } from "../catalog";
import type { Queryable } from "../database";

export const DAY_MS = 86_400_000;
const JOBS_AT_ONCE = 200;

/** For how many days ended runs are kept; null: for ever. */
export interface KeptDays {
  days: number | null;
  /** Of jobs that say it themselves. */
  ofJobs: ReadonlyMap<string, number | null>;
}

/** What the published jobs say of it; all other runs are kept for `days`. */
export const keptDays = async (db: Queryable, days: number | null): Promise<KeptDays> => {
  const ofJobs = new Map<string, number | null>();
  for (let after: string | null = null; ;) {
    const jobs = await listJobs(db, { after, limit: JOBS_AT_ONCE });
    for (const { name, graph } of jobs) if (graph.retention) ofJobs.set(name, graph.retention.days);
    if (jobs.length < JOBS_AT_ONCE) return { days, ofJobs };
    after = jobs.at(-1)!.name;
  }
};

/** Before which moment (ms since the epoch) a run must have ended to be removed; null: never is it. */
export const cutoffOf = (days: number | null, now: number): number | null =>
  days === null ? null : now - days * DAY_MS;

/** The start of the day (UTC) of a moment. */
export const startOfDay = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;
