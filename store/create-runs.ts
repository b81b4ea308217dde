import { v7 as uuidv7 } from "uuid";
import type { GraphSnapshot } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { Selection } from "../core/records";
import type { Queryable } from "./database";
import { refusesData, unstorable } from "./errors";
import { storeGraphs } from "./graphs";

/** A run to be created, queued. */
export interface NewRun {
  /** A UUIDv7; drawn if absent. */
  id?: string;
  job: string;
  /** Of a stored graph; may be absent where `graph` is given, which is stored if it is not there yet. */
  graphId?: string;
  graph?: GraphSnapshot;
  codeVersion: string;
  priority: number;
  tags: Record<string, string>;
  config: JsonObject;
  runKey?: string | null;
  selection?: Selection[] | null;
  parentRunId?: string | null;
  rootRunId?: string | null;
}

export interface CreatedRun {
  id: string;
  shard: number;
  /** ms since the epoch, by the database's clock. */
  createdAt: number;
}

/**
 * Creates queued runs and their RUN_ENQUEUED events, all in one statement; returns them in order. Their shards are
 * drawn at random. Afterwards tell the owner of shard 0, the admitter, to look. Fails with UNSTORABLE where the
 * database refuses a value.
 */
export const createRuns = async (tx: Queryable, runs: readonly NewRun[]): Promise<CreatedRun[]> => {
  if (runs.length === 0) return [];
  try {
    return await insertRuns(tx, runs, await graphIds(tx, runs));
  } catch (error) {
    throw refusesData(error) ? unstorable(error) : error;
  }
};

const graphIds = async (tx: Queryable, runs: readonly NewRun[]): Promise<string[]> => {
  const graphs = [...new Set(runs.flatMap(({ graphId, graph }) => (graphId === undefined && graph ? [graph] : [])))];
  const ids = await storeGraphs(tx, graphs);
  const byGraph = new Map(graphs.map((graph, i) => [graph, ids[i]!]));
  return runs.map(({ job, graphId, graph }) => {
    const id = graphId ?? (graph && byGraph.get(graph));
    if (id === undefined) throw new Error(`A run of "${job}" was to be created without a graph.`);
    return id;
  });
};

const insertRuns = async (tx: Queryable, runs: readonly NewRun[], graphs: string[]): Promise<CreatedRun[]> => {
  const ids = runs.map(({ id }) => id ?? uuidv7());
  const { rows } = await tx.query<{ id: string; shard: number; created_at: Date }>(
    `with created as (
       insert into runs (id, shard, status, created_at, seq, job, graph_id, code_version, priority, tags, config,
                         run_key, selection, parent_run_id, root_run_id)
       select n.id, floor(random() * (select count(*) from shards))::int, 'QUEUED', date_trunc('milliseconds', clock_timestamp()), 1, n.job,
              n.graph_id, n.code_version, n.priority, n.tags::jsonb, n.config::json,
              n.run_key, n.selection::json, n.parent_run_id, n.root_run_id
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
                   $8::text[], $9::text[], $10::uuid[], $11::uuid[])
         as n (id, job, graph_id, code_version, priority, tags, config, run_key, selection, parent_run_id, root_run_id)
       returning id, shard, created_at
     ), noted as (
       insert into event_batches (run_id, seq, notable, events)
       select id, 1, false, json_build_array(json_build_array(round(extract(epoch from created_at) * 1000)::bigint, 'RUN_ENQUEUED'))
       from created
     )
     select id, shard, created_at from created`,
    [
      ids,
      runs.map((run) => run.job),
      graphs,
      runs.map((run) => run.codeVersion),
      runs.map((run) => run.priority),
      runs.map((run) => JSON.stringify(run.tags)),
      runs.map((run) => JSON.stringify(run.config)),
      runs.map((run) => run.runKey ?? null),
      runs.map((run) => (run.selection ? JSON.stringify(run.selection) : null)),
      runs.map((run) => run.parentRunId ?? null),
      runs.map((run) => run.rootRunId ?? null),
    ],
  );
  const created = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const { shard, created_at } = created.get(id)!;
    return { id, shard, createdAt: created_at.getTime() };
  });
};

/**
 * Gives a re-execution its parent's results: copies the succeeded steps named, with outputs and items, in the
 * transaction that creates it. Returns the keys that were there.
 */
export const copySteps = async (
  tx: Queryable,
  { from, to, steps }: { from: string; to: string; steps: readonly string[] },
): Promise<string[]> => {
  const { rows } = await tx.query<{ step: string }>(
    `insert into steps (run_id, step, node, path, status, attempt, lost, fence, worker, slot, queue, priority, ready_at,
                        queued_at, started_at, ended_at, outputs, output_names, items, reused_from)
     select $2, step, node, path, status, attempt, lost, 0, worker, slot, queue, priority, ready_at,
            queued_at, started_at, ended_at, outputs, output_names, items, coalesce(reused_from, run_id)
     from steps where run_id = $1 and step = any($3::text[]) and status = 'SUCCESS'
     returning step`,
    [from, to, steps],
  );
  const copied = rows.map(({ step }) => step);
  await tx.query(
    `insert into items (run_id, step, key, ordinal, value)
     select $2, step, key, ordinal, value from items where run_id = $1 and step = any($3::text[])`,
    [from, to, copied],
  );
  return copied;
};
