import type { Queryable } from "../database";

/** What holds a queued run back, as the admitter sees it. */
export interface Waiting {
  queued: boolean;
  /** Queued runs that go before it, 10,000 at most. */
  ahead: number;
  /** Admitted runs that have not ended. */
  going_on: number;
}

const MOST_AHEAD = 10_000;

/** By runs_queued, in the admitter's order; null: there is no such run. */
export const readWaiting = async (db: Queryable, id: string): Promise<Waiting | null> => {
  const { rows } = await db.query<Waiting>(
    `select r.status = 'QUEUED' and own.run_id is null as queued,
            (select count(*) from (
               select from runs q left join grants g on g.run_id = q.id
               where q.status = 'QUEUED' and g.run_id is null and q.cancel_requested_at is null
                 and (q.priority > r.priority or (q.priority = r.priority and (q.created_at, q.id) < (r.created_at, r.id)))
               limit ${MOST_AHEAD}) before)::int as ahead,
            (select count(*) from grants)::int as going_on
     from runs r left join grants own on own.run_id = r.id where r.id = $1`,
    [id],
  );
  return rows[0] ?? null;
};
