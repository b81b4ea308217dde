import type { Queryable } from "../database";

/** What a sensor will do, and whether it can. */
export interface SensorOutlook {
  name: string;
  kind: "sensor" | "run_status_sensor";
  /** Jobs that it may launch. */
  jobs: string[];
  /** Jobs that it watches. */
  monitored_jobs: string[];
  minimum_interval_seconds: number;
  status: "RUNNING" | "STOPPED";
  next_tick_at: Date;
  last_status: string | null;
  /** The first of the failures that its last ticks are; null: its last tick did not fail. */
  failing_since: Date | null;
  /** Of the last tick, where that failed. */
  error: string | null;
}

/** All published sensors by name. By ticks_newest: a row each, up to 1,000 of those that fail. */
export const sensorOutlooks = async (db: Queryable): Promise<SensorOutlook[]> => {
  const { rows } = await db.query<SensorOutlook>(
    `select i.name, i.kind, i.definition->'jobs' as jobs, i.definition->'monitoredJobs' as monitored_jobs,
            (i.definition->>'minimumIntervalSeconds')::float8 as minimum_interval_seconds, i.status, i.next_tick_at, last.status as last_status,
            case when last.status = 'FAILURE' then (
              select min(started_at) from (
                select started_at, bool_and(status = 'FAILURE') over (order by started_at desc, id desc) as failing
                from (
                  select id, status, started_at from ticks where instigator = i.name
                  order by started_at desc, id desc limit 1000
                ) newest
              ) ticks where failing
            ) end as failing_since,
            case when last.status = 'FAILURE' then left(last.error->>'message', 300) end as error
     from instigators i left join lateral (
       select status, error from ticks where instigator = i.name order by started_at desc, id desc limit 1
     ) last on true
     where i.kind in ('sensor', 'run_status_sensor') and i.definition->'retired' is null
     order by i.name collate "C"`,
    [],
    "dqueue_sensor_outlooks",
  );
  return rows;
};
