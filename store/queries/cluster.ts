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
