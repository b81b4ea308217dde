import { STEP_STATUSES, type StepStatus } from "../../core/status";
import type { Queryable } from "../database";

/** What every step has, as the text of a JSON array: to tell it on costs nothing. */
export interface ColumnTexts {
  keys: string;
  /** Places in STEP_STATUSES. */
  statuses: string;
  attempts: string;
  workers: string;
  /** Of their workers, as `process.slot`. */
  slots: string;
  /** Milliseconds since the run's creation; null: not yet, or never. */
  ready: string;
  queued: string;
  started: string;
  ended: string;
}

/** What few steps have, by key. */
interface Rare {
  /** Those taken over from the run that this one repeats. Such a step has no times: it did not run here. */
  reused: string[];
  /** How often it was lost. */
  lost: Record<string, number>;
  /** When the next try is due, in ms since the run's creation. */
  retry: Record<string, number>;
  /** How many items generators have yielded. */
  items: Record<string, number>;
}

/**
 * All steps of a run that have a row, as columns in the order of their keys. Times are milliseconds since `origin`, the
 * run's creation; NaN: not yet, or never. A column is made of its text when it is first asked for.
 */
export class StepColumns {
  private readonly made = new Map<string, unknown>();

  constructor(
    readonly origin: number,
    readonly count: number,
    readonly texts: Readonly<ColumnTexts>,
    readonly rare: Readonly<Rare>,
  ) {}

  get keys(): string[] {
    return this.column("keys");
  }
  get statuses(): StepStatus[] {
    return this.once("statuses", () => this.parse<number>("statuses").map((place) => STEP_STATUSES[place]!));
  }
  get attempts(): number[] {
    return this.column("attempts");
  }
  get workers(): (string | null)[] {
    return this.column("workers");
  }
  get lost(): number[] {
    return this.once("lost", () => this.spread(this.rare.lost, 0));
  }
  get ready(): Float64Array {
    return this.times("ready");
  }
  get queued(): Float64Array {
    return this.times("queued");
  }
  get started(): Float64Array {
    return this.times("started");
  }
  get ended(): Float64Array {
    return this.times("ended");
  }
  get retry(): Float64Array {
    return this.once("retry", () => Float64Array.from(this.spread(this.rare.retry, NaN)));
  }
  /** True: taken over from the run that this one repeats. */
  get reused(): boolean[] {
    return this.once("reused", () => {
      const reused = new Set(this.rare.reused);
      return this.keys.map((key) => reused.has(key));
    });
  }
  /** The workers or slots that there are, and for each step the place of its own among them as a text; -1: none. */
  placesOf(column: "workers" | "slots"): { names: string[]; text: string } {
    return this.once(`places of ${column}`, () => {
      const all = this.column<string | null>(column);
      const names = [...new Set(all)].filter((name) => name !== null);
      const places = new Map<string | null, number>(names.map((name, place) => [name, place]));
      return { names, text: JSON.stringify(all.map((name) => places.get(name) ?? -1)) };
    });
  }

  private column<T>(name: "keys" | "attempts" | "workers" | "slots"): T[] {
    return this.once(name, () => this.parse<T>(name));
  }

  private times(name: "ready" | "queued" | "started" | "ended"): Float64Array {
    return this.once(name, () => Float64Array.from(this.parse<number | null>(name), (time) => time ?? NaN));
  }

  private spread(rare: Record<string, number>, others: number): number[] {
    const known = new Map(Object.entries(rare));
    return this.keys.map((key) => known.get(key) ?? others);
  }

  private parse<T>(name: keyof ColumnTexts): T[] {
    return JSON.parse(this.texts[name]) as T[];
  }

  private once<T>(name: string, make: () => T): T {
    if (!this.made.has(name)) this.made.set(name, make());
    return this.made.get(name) as T;
  }
}

const TIMES = ["ready", "queued", "started", "ended"] as const;
const PLACE_OF_STATUS = `case status ${STEP_STATUSES.map((status, place) => `when '${status}' then '${place}'`).join(" ")} end`;

/**
 * The steps of a run as they are now; null: there is no such run. One row of text instead of one per step, which would
 * take ten times as long to read. By steps_pkey: what bounds the time are the run's own steps (docs/decisions/0009).
 */
export const stepColumns = async (db: Queryable, run: string): Promise<StepColumns | null> => {
  const { rows: runs } = await db.query<{ created_at: Date }>(`select created_at from runs where id = $1`, [run]);
  if (!runs[0]) return null;
  const origin = runs[0].created_at.getTime();
  const array = (item: string): string => `'[' || string_agg(${item}, ',') || ']'`;
  const ms = (at: string): string => `(date_part('epoch', ${at}) * 1000 - $2::float8)::bigint`;
  const times = TIMES.map(
    (name) =>
      `${array(`coalesce(case when reused_from is null then ${ms(`${name}_at`)}::text end, 'null')`)} as ${name}`,
  );
  const { rows } = await db.query<Row>(
    `select count(*) as count, json_agg(step)::text as keys, ${array(PLACE_OF_STATUS)} as statuses,
            ${array("attempt::text")} as attempts, json_agg(worker)::text as workers,
            json_agg(slot)::text as slots, ${times.join(", ")},
            json_agg(step) filter (where reused_from is not null) as reused,
            json_object_agg(step, lost) filter (where lost > 0) as lost,
            json_object_agg(step, ${ms("retry_at")}) filter (where retry_at is not null and reused_from is null) as retry,
            json_object_agg(step, items) filter (where items is not null) as items
     from (
       select step, status, attempt, lost, worker, slot, ready_at, queued_at, started_at, ended_at, retry_at, reused_from,
              items
       from steps where run_id = $1 order by step
     ) s`,
    [run, origin],
  );
  const { count, reused, lost, retry, items, ...texts } = rows[0]!;
  const rare = { reused: reused ?? [], lost: lost ?? {}, retry: retry ?? {}, items: items ?? {} };
  return new StepColumns(origin, count, count === 0 ? NO_TEXTS : texts, rare);
};

type Row = { count: number } & { [name in keyof Rare]: Rare[name] | null } & ColumnTexts;

const NO_TEXTS: ColumnTexts = {
  ...{ keys: "[]", statuses: "[]", attempts: "[]", workers: "[]", slots: "[]" },
  ...{ ready: "[]", queued: "[]", started: "[]", ended: "[]" },
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

/** What the steps of a run say that have failed, for good or for now. By steps_pkey. */
export const runErrors = async (
  db: Queryable,
  run: string,
): Promise<Record<string, { name: string; message: string }>> => {
  const { rows } = await db.query<{ errors: Record<string, { name: string; message: string }> | null }>(
    `select json_object_agg(step, json_build_object('name', error->>'name', 'message', left(error->>'message', 200))) as errors
     from steps where run_id = $1 and status in ('FAILURE', 'UP_FOR_RETRY') and error is not null`,
    [run],
  );
  return rows[0]?.errors ?? {};
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
  /** Of the worker's slots, as `process.slot`; null: it was not told. */
  slot: string | null;
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
            data->>'slot' as slot,
            case type when 'STEP_UP_FOR_RETRY' then 'FAILURE' else substr(type, 6) end as outcome,
            case when json_typeof(data->'error') = 'object' then
              json_build_object('name', data->'error'->>'name', 'message', left(data->'error'->>'message', 200)) end as error
     from told where type <> 'STEP_QUEUED' order by seq limit $2`,
    [run, limit],
  );
  return rows;
};
