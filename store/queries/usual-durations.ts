import type { Queryable } from "../database";

/** Of the newest ended runs, so many are looked through for successes. */
const LOOKED_THROUGH = 50;
const RUNS = 3;
/** Of each node and run: enough for a median. */
const STEPS = 50;

/**
 * How long steps of these nodes usually take, in ms: the medians in the last runs of the job that succeeded. Of what
 * never ran in them nothing is told. By runs_ended_by_job, and 50 rows of steps_pkey for each node and run.
 */
export const usualDurations = async (
  db: Queryable,
  job: string,
  nodes: readonly string[],
): Promise<Record<string, number>> => {
  const { rows } = await db.query<{ node: string; ms: number }>(
    `select asked.node, percentile_disc(0.5) within group (order by s.ms) as ms
     from (
       select id from (
         select id, status, ended_at from runs where job = $1 and ended_at is not null
         order by ended_at desc, id desc limit ${LOOKED_THROUGH}
       ) ended where status = 'SUCCESS' order by ended_at desc limit ${RUNS}
     ) last cross join unnest($2::text[]) as asked (node) cross join lateral (
       select (extract(epoch from ended_at - started_at) * 1000)::float8 as ms
       from (
         select * from steps where run_id = last.id and step = asked.node
         union all
         -- Keys of items: in the order of bytes a backslash follows the bracket.
         select * from steps where run_id = last.id and step >= asked.node || '[' and step < asked.node || '\\'
       ) of_node where status = 'SUCCESS' and started_at is not null and reused_from is null limit ${STEPS}
     ) s group by asked.node`,
    [job, nodes],
    "dqueue_usual_durations",
  );
  return Object.fromEntries(rows.map(({ node, ms }) => [node, ms]));
};
