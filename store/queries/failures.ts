import type { StepError } from "../../core/errors";
import type { Queryable } from "../database";
import { lowestId } from "../partitions";

/** A step that failed for good. */
export interface FailureRow {
  run: string;
  job: string;
  step: string;
  at: Date;
  /** Its run has ended in failure since the time that was asked for. */
  failed: boolean;
  error: Pick<StepError, "name" | "message" | "code" | "stack">;
}

/** How long a run may have gone on before a step of it fails and is still found by the time of that. */
const LONGEST_RUN_MS = 7 * 86_400_000;

/**
 * The latest failures of steps since a time, up to `limit`, those of the newest runs first. By events_notable_batches within
 * the ids of the runs of that time and a week before it: `limit` bounds what is read of them.
 */
export const recentFailures = async (
  db: Queryable,
  { from, limit }: { from: number; limit: number },
): Promise<FailureRow[]> => {
  const { rows } = await db.query<FailureRow>(
    `select e.run_id as run, r.job, e.step, e.at,
            r.status = 'FAILURE' and r.ended_at >= to_timestamp($2::float8 / 1000) as failed,
            json_build_object('name', left(e.data->'error'->>'name', 200), 'message', left(e.data->'error'->>'message', 500),
                              'code', e.data->'error'->>'code', 'stack', left(e.data->'error'->>'stack', 2000)) as error
     from (
       select run_id, seq, step, at, data from events
       where notable and type = 'STEP_FAILURE' and run_id >= $1 and at >= to_timestamp($2::float8 / 1000)
       order by run_id desc, batch desc, seq desc limit $3
     ) e join runs r on r.id = e.run_id
     order by e.run_id desc, e.seq desc`,
    [lowestId(Math.max(0, from - LONGEST_RUN_MS)), from, limit],
  );
  return rows;
};
