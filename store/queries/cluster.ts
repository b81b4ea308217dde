import type { Database, Queryable } from "../database";
import { liveCoordinators, readShards } from "../shards";

/** Open steps of a queue, of all runs under way. */
export interface QueueCounts {
  queue: string;
  queued: number;
  running: number;
  up_for_retry: number;
}

/** By runs_live and the partitions' primary keys: what has ended is not looked at. */
export const countOpenSteps = async (db: Queryable): Promise<QueueCounts[]> => {
  const { rows } = await db.query<QueueCounts>(
    `select s.queue, count(*) filter (where s.status = 'QUEUED') as queued,
            count(*) filter (where s.status = 'STARTED') as running,
            count(*) filter (where s.status = 'UP_FOR_RETRY') as up_for_retry
     from runs r join steps s on s.run_id = r.id
     where (r.ended_at is null or r.hooks_open) and s.ended_at is null
     group by s.queue order by s.queue`,
  );
  return rows;
};

/** What a queue did in the last seconds. */
export interface QueueFlow {
  queue: string;
  /** Steps that have begun in this time. */
  begun: number;
  /** Since when the longest waiting of the dispatched steps has been ready; null: none waits. */
  oldest_ready_at: Date | null;
}

/** Of runs that go on (by runs_live) and those that have ended in this time (by runs_ended). */
export const readQueueFlow = async (db: Queryable, seconds: number): Promise<QueueFlow[]> => {
  const { rows } = await db.query<QueueFlow>(
    `with recent as (
       select id from runs where ended_at is null or hooks_open
       union select id from runs
       where status in ('SUCCESS', 'FAILURE', 'CANCELED') and ended_at >= now() - make_interval(secs => $1)
     )
     select s.queue, count(*) filter (where s.started_at >= now() - make_interval(secs => $1)) as begun,
            min(s.ready_at) filter (where s.status = 'QUEUED') as oldest_ready_at
     from recent join steps s on s.run_id = recent.id
     group by s.queue`,
    [seconds],
  );
  return rows;
};

/** What became of dispatches whose worker is gone. */
export interface LostSteps {
  /** Still counted as running there. */
  open: number;
  waiting: number;
}

/** By the steps' primary key. */
export const lostSteps = async (
  db: Queryable,
  holds: readonly { run: string; step: string; fence: number }[],
): Promise<LostSteps> => {
  const { rows } = await db.query<LostSteps>(
    `select count(*) filter (where s.status = 'STARTED' and s.fence = held.fence) as open,
            count(*) filter (where s.status in ('QUEUED', 'UP_FOR_RETRY')) as waiting
     from unnest($1::uuid[], $2::text[], $3::bigint[]) as held (run, step, fence)
     join steps s on s.run_id = held.run and s.step = held.step`,
    [holds.map(({ run }) => run), holds.map(({ step }) => step), holds.map(({ fence }) => fence)],
  );
  return rows[0]!;
};

export interface CoordinatorItem {
  id: string;
  live: boolean;
  shards: number[];
  /** Admitted runs that have not ended. */
  runs: number;
}

/** Who lives or holds a shard. */
export const listCoordinators = async (db: Database): Promise<CoordinatorItem[]> => {
  const shards = await readShards(db);
  const live = await liveCoordinators(db);
  const { rows } = await db.query<{ shard: number; runs: number }>(
    `select shard, count(*) as runs from grants group by shard`,
  );
  const runs = new Map(rows.map((row) => [row.shard, row.runs]));
  const ids = [...new Set([...live, ...shards.flatMap(({ owner }) => owner ?? [])])].sort();
  return ids.map((id) => {
    const own = shards.filter(({ owner }) => owner === id).map((shard) => shard.id);
    return {
      id,
      live: live.includes(id),
      shards: own,
      runs: own.reduce((sum, shard) => sum + (runs.get(shard) ?? 0), 0),
    };
  });
};
