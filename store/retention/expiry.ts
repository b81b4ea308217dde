import { listJobs } from "../catalog";
import type { Queryable } from "../database";
import { DAY_MS } from "../partitions";

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

/** For how many days the ended runs of a job are kept; null: for ever. */
export const keptDaysOf = ({ days, ofJobs }: KeptDays, job: string): number | null => {
  const own = ofJobs.get(job);
  return own === undefined ? days : own;
};
