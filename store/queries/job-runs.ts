import type { RunStatus } from "../../core/status";
import type { Queryable } from "../database";

/** Names of the published jobs. */
export const publishedJobs = async (db: Queryable): Promise<string[]> => {
  const { rows } = await db.query<{ name: string }>(`select name from jobs order by name collate "C"`);
  return rows.map(({ name }) => name);
};

/** How the last ended run of each job ended; a job without one is absent. By runs_ended_by_job, a row each. */
export const lastEnded = async (db: Queryable, jobs: readonly string[]): Promise<Map<string, RunStatus>> => {
  const { rows } = await db.query<{ job: string; status: RunStatus }>(
    `select asked.job, last.status from unnest($1::text[]) as asked (job) cross join lateral (
       select status from runs where runs.job = asked.job and ended_at is not null
       order by ended_at desc, id desc limit 1
     ) last`,
    [jobs],
    "dqueue_last_ended",
  );
  return new Map(rows.map(({ job, status }) => [job, status]));
};

/** A run as a bar in time. */
export interface BarRow {
  job: string;
  id: string;
  status: RunStatus;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

/** Runs that were created so long before a range may still reach into it. */
const LONGEST_MS = 86_400_000;

/** The newest `limit` runs of each job that reach into the time since `from`, newest first. By runs_by_job. */
export const barsOf = async (
  db: Queryable,
  jobs: readonly string[],
  { from, limit }: { from: number; limit: number },
): Promise<BarRow[]> => {
  const { rows } = await db.query<BarRow>(
    `select asked.job, bar.* from unnest($1::text[]) as asked (job) cross join lateral (
       select id, status, created_at, started_at, ended_at from runs
       where runs.job = asked.job and created_at >= to_timestamp($2::float8 / 1000)
         and (ended_at is null or ended_at >= to_timestamp($3::float8 / 1000))
       order by created_at desc, id desc limit $4
     ) bar order by asked.job, bar.created_at desc, bar.id desc`,
    [jobs, from - LONGEST_MS, from, limit],
  );
  return rows;
};

/** A run as a bar whose height is its duration. */
export interface LastRunRow extends BarRow {
  steps_total: number;
  code_version: string;
}

/** The newest `limit` runs of each job, newest first. By runs_by_job. */
export const lastRuns = async (db: Queryable, jobs: readonly string[], limit: number): Promise<LastRunRow[]> => {
  const { rows } = await db.query<LastRunRow>(
    `select asked.job, last.* from unnest($1::text[]) as asked (job) cross join lateral (
       select id, status, created_at, started_at, ended_at, steps_total, code_version from runs
       where runs.job = asked.job order by created_at desc, id desc limit $2
     ) last order by asked.job, last.created_at desc, last.id desc`,
    [jobs, limit],
    "dqueue_last_runs",
  );
  return rows;
};

/** How runs of a job have fared with a version of the code. */
export interface CodeVersionRow {
  code_version: string;
  /** Of its latest run. */
  graph_id: string;
  first_published_at: Date | null;
  first_run_at: Date;
  runs: number;
  ended: number;
  succeeded: number;
  failed: number;
}

const VERSIONS_OF = 5_000;

/** Versions of the code among a job's newest 5,000 runs, the newest first. By runs_by_job. */
export const codeVersionsOf = async (
  db: Queryable,
  job: string,
): Promise<{ versions: CodeVersionRow[]; complete: boolean }> => {
  const { rows } = await db.query<CodeVersionRow>(
    `select code_version, versions.graph_id, first_published_at, first_run_at, runs, ended, succeeded, failed
     from (
       select code_version, min(created_at) as first_run_at, max(created_at) as last_run_at, count(*) as runs,
              (array_agg(graph_id order by created_at desc))[1] as graph_id, count(ended_at) as ended,
              count(*) filter (where status = 'SUCCESS') as succeeded,
              count(*) filter (where status = 'FAILURE') as failed
       from (
         select code_version, graph_id, created_at, ended_at, status from runs
         where job = $1 order by created_at desc, id desc limit ${VERSIONS_OF}
       ) last group by code_version
     ) versions left join code_versions using (code_version)
     order by last_run_at desc`,
    [job],
  );
  return { versions: rows, complete: rows.reduce((sum, { runs }) => sum + runs, 0) < VERSIONS_OF };
};

/** Live runs of a status and job. */
export interface LiveCount {
  job: string;
  status: RunStatus;
  runs: number;
  oldest: Date;
}

/** By runs_live: as many rows as there are live runs. */
export const liveRuns = async (db: Queryable): Promise<LiveCount[]> => {
  const { rows } = await db.query<LiveCount>(
    `select job, status, count(*) as runs, min(created_at) as oldest from runs where ended_at is null group by job, status`,
  );
  return rows;
};
