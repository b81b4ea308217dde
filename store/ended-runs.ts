import type { SensorDefinition } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { EndedRun, LatestRun } from "../core/sensing";
import type { RunStatus } from "../core/status";
import type { EndedRunPage } from "../core/ticks";
import type { Queryable } from "./database";

const NIL = "00000000-0000-0000-0000-000000000000";

/** SQL: the cursor of a run-status sensor that sees only what ends from now on. */
export const CURSOR_OF_NOW = `(pg_snapshot_xmin(pg_current_snapshot())::text || ':${NIL}')`;

const CURSOR = /^(\d{1,20}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** True of "<transaction>:<run id>", what the cursor of a run-status sensor looks like. */
export const isRunCursor = (cursor: string): boolean => CURSOR.test(cursor);

interface EndedRow {
  id: string;
  job: string;
  status: RunStatus;
  tags: Record<string, string>;
  config: JsonObject;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date;
  failure_reason: string | null;
  error: { message: string } | null;
  changed: string;
}
interface PageRow {
  horizon: string;
  unsafe: boolean;
  runs: EndedRow[] | null;
}

/**
 * The runs that a run-status sensor has not seen, in the order of (changed, id), up to the oldest transaction that is
 * still open: what that commits later would else be passed over. Runs that the sensor launched itself count only
 * where it names the jobs that it watches, or it would keep itself going for ever. By runs_changed.
 */
export const endedRuns = async (
  db: Queryable,
  definition: SensorDefinition,
  cursor: string | null,
  limit: number,
): Promise<EndedRunPage> => {
  const [, changed = "0", id = NIL] = CURSOR.exec(cursor ?? "") ?? [];
  const { rows } = await db.query<Omit<PageRow, "runs"> & { run: EndedRow | null }>(
    `with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid),
     watched as not materialized (
       select id, job, status, tags, config, created_at, started_at, ended_at, failure_reason, error, changed
       from runs
       where changed >= $1::text::xid8 and ended_at is not null and status = any($3)
         and (case when cardinality($4::text[]) > 0 then job = any($4)
              else tags->>'dagster/sensor_name' is distinct from $5 end)
     ),
     page as (
       select * from watched where (changed, id) > ($1::text::xid8, $2::uuid) and changed < (select xid from horizon)
       order by changed, id limit $6
     )
     select h.xid::text as horizon,
       exists (select 1 from watched w where w.changed >= h.xid) as unsafe,
       ${ROW} as run
     from horizon h left join page p on true
     order by p.changed, p.id`,
    [changed, id, definition.runStatuses, definition.monitoredJobs, definition.name, limit],
  );
  const { horizon, unsafe } = rows[0]!;
  const runs = rows.flatMap(({ run }) => run ?? []).map(asEnded);
  if (runs.length === limit) return { runs, cursor: runs.at(-1)!.cursor, more: "now" };
  // Not "the later of both": a cursor beyond the horizon is that of a database that this one was restored from.
  return { runs, cursor: `${horizon}:${NIL}`, more: unsafe ? "soon" : null };
};

const ROW = `case when p.id is not null then json_build_object(
  'id', p.id, 'job', p.job, 'status', p.status, 'tags', p.tags, 'config', p.config, 'created_at', p.created_at,
  'started_at', p.started_at, 'ended_at', p.ended_at, 'failure_reason', p.failure_reason, 'error', p.error,
  'changed', p.changed::text) end`;

const ms = (time: Date | string): number => new Date(time).getTime();

const asEnded = (row: EndedRow): EndedRunPage["runs"][number] => ({
  cursor: `${row.changed}:${row.id}`,
  run: {
    id: row.id,
    job: row.job,
    status: row.status as EndedRun["status"],
    tags: row.tags,
    config: row.config,
    createdAt: ms(row.created_at),
    startedAt: row.started_at && ms(row.started_at),
    endedAt: ms(row.ended_at),
    failureReason: row.failure_reason,
    error: row.error?.message ?? null,
  },
});

/** Of each job named, the run that was created last. By runs_by_job. */
export const latestRuns = async (db: Queryable, jobs: readonly string[]): Promise<Record<string, LatestRun | null>> => {
  const { rows } = await db.query<{
    job: string;
    id: string;
    status: RunStatus;
    created_at: Date;
    ended_at: Date | null;
  }>(
    `select latest.* from unnest($1::text[]) as asked (job) cross join lateral (
       select job, id, status, created_at, ended_at from runs
       where runs.job = asked.job order by created_at desc, id desc limit 1
     ) latest`,
    [jobs],
    "dqueue_sensors_latest_runs",
  );
  const found = new Map(rows.map((row) => [row.job, row]));
  return Object.fromEntries(
    jobs.map((job) => {
      const row = found.get(job);
      if (!row) return [job, null];
      const { id, status, created_at, ended_at } = row;
      return [job, { id, status, createdAt: created_at.getTime(), endedAt: ended_at?.getTime() ?? null }];
    }),
  );
};
