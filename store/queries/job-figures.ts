import type { RunStatus } from "../../core/status";
import type { Queryable } from "../database";

/** How a job has fared lately. */
export interface JobFigures {
  job: string;
  /** Of the last 50 ended runs. */
  ended: number;
  succeeded: number;
  failed: number;
  /** From start to end, of the successes among them; null: there is none. */
  p50_ms: number | null;
  p95_ms: number | null;
  /** From creation to start, of all of them. */
  waited_p50_ms: number | null;
  steps_p50: number | null;
  /** How the latest of them ended. */
  last_status: RunStatus;
}

const LAST = 50;

/**
 * Figures of jobs by name, of those that have an ended run; of the last 50 of these, or with `before` of the 50 before
 * them. By runs_ended_by_job, 50 rows (100) for each job.
 */
export const jobFigures = async (
  db: Queryable,
  jobs: readonly string[],
  { before = false } = {},
): Promise<Map<string, JobFigures>> => {
  if (jobs.length === 0) return new Map();
  const { rows } = await db.query<JobFigures>(
    `select asked.job, figures.* from unnest($1::text[]) as asked (job) cross join lateral (
       select count(*) as ended, count(*) filter (where status = 'SUCCESS') as succeeded,
              count(*) filter (where status = 'FAILURE') as failed,
              percentile_disc(0.5) within group (order by ms) filter (where status = 'SUCCESS') as p50_ms,
              percentile_disc(0.95) within group (order by ms) filter (where status = 'SUCCESS') as p95_ms,
              percentile_disc(0.5) within group (order by waited_ms) as waited_p50_ms,
              percentile_disc(0.5) within group (order by steps_total) as steps_p50,
              (array_agg(status order by ended_at desc, id desc))[1] as last_status
       from (
         select id, status, ended_at, (extract(epoch from ended_at - started_at) * 1000)::float8 as ms,
                (extract(epoch from started_at - created_at) * 1000)::float8 as waited_ms, steps_total
         from runs where runs.job = asked.job and ended_at is not null
         order by ended_at desc, id desc limit ${LAST} offset $2
       ) last
     ) figures where figures.ended > 0`,
    [jobs, before ? LAST : 0],
    "dqueue_job_figures",
  );
  return new Map(rows.map((row) => [row.job, row]));
};
