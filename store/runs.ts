import type { Admitted, RestoredStep, RunRecord, Selection } from "../core/records";
import type { RunFailureReason, RunStatus } from "../core/status";
import type { JsonObject } from "../core/json";
import type { Database, Queryable } from "./database";
import { loadGraphs } from "./graphs";

/** A time as whole ms since the epoch: a number is read some ten times faster than a date. */
const ms = (column: string): string => `floor(extract(epoch from ${column}) * 1000)::float8`;

interface RunRow {
  id: string;
  job: string;
  shard: number;
  status: RunStatus;
  priority: number;
  tags: Record<string, string>;
  config: JsonObject;
  graph_id: string;
  selection: Selection[] | null;
  parent_run_id: string | null;
  root_run_id: string | null;
  created_at: number;
  admitted_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  cancel_requested_at: number | null;
  failure_reason: RunFailureReason | null;
  seq: number;
}

/** `seq`: a commit may carry events without the run's row. By event_batches_pkey. */
const RUN_COLUMNS = `
  r.id, r.job, r.shard, r.status, r.priority, r.tags, r.config, r.graph_id, r.selection, r.parent_run_id, r.root_run_id,
  ${ms("r.created_at")} as created_at, ${ms("r.admitted_at")} as admitted_at, ${ms("r.started_at")} as started_at,
  ${ms("r.ended_at")} as ended_at, ${ms("r.cancel_requested_at")} as cancel_requested_at, r.failure_reason,
  greatest(r.seq, (
    select b.seq + json_array_length(b.events) - 1 from event_batches b where b.run_id = r.id order by b.seq desc limit 1
  )) as seq`;

const readRuns = async (db: Queryable, name: string, where: string, values: unknown[]): Promise<RunRecord[]> => {
  const text = `select ${RUN_COLUMNS} from runs r where ${where} order by r.id`;
  const { rows } = await db.query<RunRow>(text, values, name);
  const ids = rows.map((row) => row.graph_id);
  const graphs = await loadGraphs(db, ids);
  return rows.map((row) => ({
    id: row.id,
    job: row.job,
    shard: row.shard,
    status: row.status,
    priority: row.priority,
    tags: row.tags,
    config: row.config,
    graph: graphs.get(row.graph_id)!,
    selection: row.selection,
    parentRunId: row.parent_run_id,
    rootRunId: row.root_run_id,
    createdAt: row.created_at,
    admittedAt: row.admitted_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    cancelRequestedAt: row.cancel_requested_at,
    failureReason: row.failure_reason,
    seq: row.seq,
  }));
};

/** Runs by id, in the order of their ids. */
export const loadRuns = (db: Queryable, ids: readonly string[]): Promise<RunRecord[]> =>
  readRuns(db, "dqueue_runs_by_id", "r.id = any($1::uuid[])", [ids]);

/**
 * What an owner has to hold: granted runs that have not ended, and ended ones whose job hook is still open; without
 * `except`, which it holds already. By runs_live and grants_pkey.
 */
export const grantedRuns = (
  db: Queryable,
  shards: readonly number[],
  except: readonly string[],
): Promise<RunRecord[]> =>
  readRuns(
    db,
    "dqueue_granted_runs",
    `r.shard = any($1::int[]) and r.id <> all($2::uuid[])
     and (r.ended_at is null or r.hooks_open)
     and (r.hooks_open or exists (select from grants g where g.run_id = r.id))`,
    [shards, except],
  );

/** Unended runs whose cancel was requested and has not begun, granted or not. By runs_canceling. */
export const cancelIntents = (db: Queryable, shards: readonly number[]): Promise<RunRecord[]> =>
  readRuns(
    db,
    "dqueue_canceling_runs",
    `r.shard = any($1::int[]) and r.cancel_requested_at is not null and r.ended_at is null and r.status <> 'CANCELING'`,
    [shards],
  );

/**
 * Lets queued runs start, by priority and then age, until as many as the limit have a grant. `admitter`: the caller's
 * lease of shard 0, without which nobody admits. It is locked until the grants stand, so that a takeover waits, and one
 * who was paused admits nothing when it wakes; `for key share`, which waits for no commit. By runs_queued and grants_pkey.
 * @returns the grants given, and whether there was room for more: then nothing waits that could have had one.
 */
export const admitQueued = async (
  db: Queryable,
  { maxConcurrentRuns, admitter }: { maxConcurrentRuns: number; admitter: { owner: string; epoch: number } },
): Promise<Admitted> => {
  const { rows } = await db.query<{ run: string | null; shard: number; room: number }>(
    `with room as materialized (
       select greatest($1 - count(*), 0)::int as room from grants
     ), admitter as materialized (
       select id from shards where id = 0 and owner = $2 and epoch = $3 for key share
     ), next as (
       select r.id, r.shard from runs r
       where r.status = 'QUEUED' and r.cancel_requested_at is null
         and not exists (select from grants g where g.run_id = r.id)
         and exists (select from admitter)
       order by r.priority desc, r.created_at, r.id
       limit (select room from room)
     ), granted as (
       insert into grants (run_id, shard) select id, shard from next on conflict (run_id) do nothing
       returning run_id as run, shard
     )
     select room, run, shard from room left join granted on true`,
    [maxConcurrentRuns, admitter.owner, admitter.epoch],
    "dqueue_admit_queued",
  );
  const grants = rows.flatMap(({ run, shard }) => (run === null ? [] : [{ run, shard }]));
  return { grants, emptied: grants.length < rows[0]!.room };
};

/** A step's row as a run actor is rebuilt from it, and whose it is. */
export type LoadedStep = RestoredStep & { run: string };
export interface LoadedItem {
  run: string;
  step: string;
  key: string;
  ordinal: number;
}

const ROWS_AT_ONCE = 5_000;

/**
 * The steps and items of runs, without values: the items of each step by ordinal. Read through a cursor: 100,000 rows
 * come in pieces that hold up the event loop for moments only, and in one pass, however wrong the planner's idea of a
 * table that has just been filled. By steps_pkey and items_in_order.
 */
export const loadSteps = async (
  db: Database | Queryable,
  runs: readonly string[],
): Promise<{ steps: LoadedStep[]; items: LoadedItem[] }> => {
  // Most often asked for runs that have just been granted, which have none: nine round trips for nothing.
  if (runs.length === 0) return { steps: [], items: [] };
  const read = async (tx: Queryable) => ({
    steps: await readThrough<LoadedStep>(tx, "loaded_steps", STEPS, runs),
    items: await readThrough<LoadedItem>(tx, "loaded_items", ITEMS, runs),
  });
  return "transaction" in db ? db.transaction(read) : read(db);
};

const readThrough = async <Row extends object>(
  tx: Queryable,
  cursor: string,
  select: string,
  runs: readonly string[],
): Promise<Row[]> => {
  await tx.query(`declare ${cursor} no scroll cursor for ${select}`, [runs]);
  const all: Row[] = [];
  for (let full = true; full;) {
    const { rows } = await tx.query<Row>(`fetch ${ROWS_AT_ONCE} from ${cursor}`);
    for (const row of rows) all.push(row);
    full = rows.length === ROWS_AT_ONCE;
  }
  await tx.query(`close ${cursor}`);
  return all;
};

const STEPS = `
  select run_id as run, step, status, attempt, lost, fence, worker, slot,
    ${ms("ready_at")} as "readyAt", ${ms("queued_at")} as "queuedAt", ${ms("started_at")} as "startedAt",
    ${ms("ended_at")} as "endedAt", ${ms("retry_at")} as "retryAt",
    skip_reason as "skipReason", output_names as "outputNames", reused_from as "reusedFrom"
  from steps where run_id = any($1::uuid[])`;

const ITEMS = `
  select run_id as run, step, key, ordinal from items where run_id = any($1::uuid[])
  order by run_id, hashtextextended(step, 0), ordinal`;
