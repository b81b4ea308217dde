import type { Queryable } from "../database";

/** An ended run that is locked by the caller's transaction. `root`: the first run of its family of re-executions. */
export interface LeavingRun {
  id: string;
  root: string;
}

/**
 * Takes ended runs out of all lists and counts, in the transaction that locked them. Their run keys and idempotency keys
 * stay taken, and values that re-executions of them reuse become theirs. Their steps, items, events, logs and other
 * values are still to be removed.
 */
export const forgetRuns = async (tx: Queryable, runs: readonly LeavingRun[]): Promise<void> => {
  await bequeathValues(tx, runs);
  await tx.query(
    `with left_now as (delete from runs where id = any($1::uuid[]) returning status),
     counted as (select status, count(*) as runs from left_now group by status order by status)
     insert into gone_runs as gone (status, runs) select status, runs from counted
     on conflict (status) do update set runs = gone.runs + excluded.runs`,
    [runs.map(({ id }) => id)],
  );
};

/** To the newest run of the same family, which passes them on in its turn. By values_by_run and runs_by_root. */
const bequeathValues = async (tx: Queryable, runs: readonly LeavingRun[]): Promise<void> => {
  await tx.query(
    `update "values" v set run_id = heir.id
     from unnest($1::uuid[], $2::uuid[]) as leaving (id, root)
     cross join lateral (
       select id from runs
       where (root_run_id = leaving.root or id = leaving.root) and id <> all($1::uuid[])
         and exists (select from "values" where run_id = leaving.id)
       order by id desc limit 1
     ) heir
     where v.run_id = leaving.id`,
    [runs.map(({ id }) => id), runs.map(({ root }) => root)],
  );
};
