import type { TickRow } from "../instigators";
import type { Queryable } from "../database";

/** A tick as a mark in a row of ticks. */
export interface TickMark {
  instigator: string;
  status: TickRow["status"];
  started_at: Date;
  /** How many runs it launched. */
  runs: number;
  /** What a failed one threw: "TypeError: x is not a function". */
  error: string | null;
}

/** The newest `limit` ticks of each sensor, newest first. By ticks_newest. */
export const tickMarks = async (db: Queryable, sensors: readonly string[], limit: number): Promise<TickMark[]> => {
  const { rows } = await db.query<TickMark>(
    `select asked.instigator, last.* from unnest($1::text[]) as asked (instigator) cross join lateral (
       select status, started_at, json_array_length(run_ids) as runs,
              case when status = 'FAILURE' then left((error->>'name') || ': ' || (error->>'message'), 300) end as error
       from ticks where ticks.instigator = asked.instigator order by started_at desc, id desc limit $2
     ) last order by asked.instigator, last.started_at desc`,
    [sensors, limit],
    "dqueue_tick_marks",
  );
  return rows;
};

/** How many runs each sensor launched in the last 24 hours; one that launched none is absent. By ticks_launches. */
export const launchedToday = async (db: Queryable, sensors: readonly string[]): Promise<Map<string, number>> => {
  const { rows } = await db.query<{ instigator: string; runs: number }>(
    `select instigator, sum(json_array_length(run_ids))::float8 as runs from ticks
     where instigator = any($1) and status = 'SUCCESS' and started_at > now() - interval '24 hours' group by instigator`,
    [sensors],
    "dqueue_launched_today",
  );
  return new Map(rows.map(({ instigator, runs }) => [instigator, runs]));
};
