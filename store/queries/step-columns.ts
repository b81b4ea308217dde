import { STEP_STATUSES, type StepStatus } from "../../core/status";
import type { Queryable } from "../database";

/**
 * All steps of a run that have a row, as columns in the order of their keys. Times are milliseconds since `origin`, the
 * run's creation; NaN: not yet, or never.
 */
export interface StepColumns {
  origin: number;
  count: number;
  keys: string[];
  statuses: StepStatus[];
  attempts: number[];
  lost: number[];
  workers: (string | null)[];
  ready: Float64Array;
  queued: Float64Array;
  started: Float64Array;
  ended: Float64Array;
  retry: Float64Array;
  /** True: taken over from the run that this one repeats. It has no times: it did not run here. */
  reused: boolean[];
  /** How many items generators have yielded, by key. */
  items: Record<string, number>;
}

const TIMES = ["ready", "queued", "started", "ended", "retry"] as const;

/**
 * The steps of a run as they are now; null: there is no such run. One row of text instead of one per step, which would
 * take ten times as long to read. By steps_pkey: what bounds the time are the run's own steps (docs/decisions/0009).
 */
export const stepColumns = async (db: Queryable, run: string): Promise<StepColumns | null> => {
  const { rows: runs } = await db.query<{ created_at: Date }>(`select created_at from runs where id = $1`, [run]);
  if (!runs[0]) return null;
  const origin = runs[0].created_at.getTime();
  const ms = (name: string): string =>
    `string_agg(coalesce(case when reused_from is null then
       (date_part('epoch', ${name}_at) * 1000 - $3::float8)::bigint::text end, ''), ',') as ${name}`;
  const { rows } = await db.query<Row>(
    `select count(*) as count, string_agg(step, E'\n') as keys,
            string_agg(array_position($2::text[], status)::text, ',') as statuses,
            string_agg(attempt::text, ',') as attempts, string_agg(lost::text, ',') as lost,
            string_agg(coalesce(worker, ''), E'\n') as workers,
            string_agg(case when reused_from is null then '0' else '1' end, '') as reused, ${TIMES.map(ms).join(", ")},
            json_object_agg(step, items) filter (where items is not null) as items
     from (
       select step, status, attempt, lost, worker, ready_at, queued_at, started_at, ended_at, retry_at, reused_from, items
       from steps where run_id = $1 order by step
     ) s`,
    [run, STEP_STATUSES, origin],
  );
  return columnsOf(origin, rows[0]!);
};

type Texts = Record<
  "keys" | "statuses" | "attempts" | "lost" | "workers" | "reused" | (typeof TIMES)[number],
  string | null
>;

type Row = { count: number; items: Record<string, number> | null } & Texts;

const columnsOf = (origin: number, { count, items, ...texts }: Row): StepColumns => {
  const parts = (name: keyof Texts, separator: string): string[] => (count === 0 ? [] : texts[name]!.split(separator));
  const times = (name: keyof Texts): Float64Array =>
    Float64Array.from(parts(name, ","), (text) => (text === "" ? NaN : Number(text)));
  return {
    origin,
    count,
    keys: parts("keys", "\n"),
    statuses: parts("statuses", ",").map((place) => STEP_STATUSES[Number(place) - 1]!),
    attempts: parts("attempts", ",").map(Number),
    lost: parts("lost", ",").map(Number),
    workers: parts("workers", "\n").map((worker) => worker || null),
    ...{ ready: times("ready"), queued: times("queued"), started: times("started") },
    ...{ ended: times("ended"), retry: times("retry") },
    reused: parts("reused", "").map((digit) => digit === "1"),
    items: items ?? {},
  };
};

/** An event that is worth a mark in a run's timeline. */
export interface NotableEvent {
  seq: number;
  at: Date;
  type: "STEP_LOST" | "STEP_RELEASED" | "STEP_UP_FOR_RETRY" | "RUN_OWNER_CHANGED";
  step: string | null;
  /** Of the attempt that it ended. */
  started_at: number | null;
  worker: string | null;
  owner: string | null;
}

/** Retries, losses and take-overs of a run in order, up to `limit`. By events_notable_batches. */
export const notableEvents = async (db: Queryable, run: string, limit: number): Promise<NotableEvent[]> => {
  const { rows } = await db.query<NotableEvent>(
    `select seq, at, type, step, (data->>'started_at')::float8 as started_at, data->>'worker' as worker,
            data->>'owner' as owner
     from events
     where run_id = $1 and notable and type in ('STEP_LOST', 'STEP_RELEASED', 'STEP_UP_FOR_RETRY', 'RUN_OWNER_CHANGED')
     order by seq limit $2`,
    [run, limit],
  );
  return rows;
};

/** What failed steps say, by key. By steps_pkey. */
export const stepErrors = async (
  db: Queryable,
  run: string,
  keys: readonly string[],
): Promise<Map<string, { type: string; message: string }>> => {
  if (keys.length === 0) return new Map();
  const { rows } = await db.query<{ step: string; type: string; message: string }>(
    `select step, error->>'name' as type, left(error->>'message', 200) as message
     from steps where run_id = $1 and step = any($2::text[]) and error is not null`,
    [run, keys],
  );
  return new Map(rows.map(({ step, type, message }) => [step, { type, message }]));
};

/** When a run came to another owner, in Unix ms, up to `limit`. By events_notable_batches. */
export const takeovers = async (
  db: Queryable,
  run: string,
  limit: number,
): Promise<{ at: number; owner: string }[]> => {
  const { rows } = await db.query<{ at: number; owner: string }>(
    `select round(date_part('epoch', at) * 1000) as at, data->>'owner' as owner from events
     where run_id = $1 and notable and type = 'RUN_OWNER_CHANGED' order by seq limit $2`,
    [run, limit],
  );
  return rows;
};

/** An attempt before a step's last one. Unix ms; null: not known. */
export interface StepTry {
  step: string;
  queued: number | null;
  started: number | null;
  ended: number;
  worker: string | null;
  outcome: "FAILURE" | "LOST" | "RELEASED";
  error: { name: string; message: string } | null;
}

/**
 * The attempts of a run that were not their steps' last ones, in the order in which they ended, up to `limit`. By
 * events_notable_batches; when they were dispatched is looked up among the run's events, by event_batches_pkey, in one pass.
 */
export const stepTries = async (db: Queryable, run: string, limit: number): Promise<StepTry[]> => {
  const { rows } = await db.query<StepTry>(
    `with tried as (
       select step from events where run_id = $1 and notable and type in ('STEP_LOST', 'STEP_RELEASED', 'STEP_UP_FOR_RETRY')
       order by seq limit $2
     ), told as (
       select seq, step, type, at, data,
              lag(case when type = 'STEP_QUEUED' then at end) over (partition by step order by seq) as queued
       from events
       where run_id = $1 and type in ('STEP_QUEUED', 'STEP_LOST', 'STEP_RELEASED', 'STEP_UP_FOR_RETRY')
         and step in (select step from tried)
     )
     select step, round(date_part('epoch', queued) * 1000) as queued, (data->>'started_at')::float8 as started,
            round(date_part('epoch', at) * 1000) as ended, data->>'worker' as worker,
            case type when 'STEP_UP_FOR_RETRY' then 'FAILURE' else substr(type, 6) end as outcome,
            case when json_typeof(data->'error') = 'object' then
              json_build_object('name', data->'error'->>'name', 'message', left(data->'error'->>'message', 200)) end as error
     from told where type <> 'STEP_QUEUED' order by seq limit $2`,
    [run, limit],
  );
  return rows;
};
