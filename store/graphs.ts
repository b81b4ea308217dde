import { createHash } from "node:crypto";
import type { GraphSnapshot } from "../core/graph";
import type { Json } from "../core/json";
import type { Queryable } from "./database";

const CACHED = 200;
/** Graphs never change under their id. One object per graph: who keeps a plan by graph finds it again. */
const cache = new Map<string, GraphSnapshot>();

/** The id of a graph: SHA-256 of its JSON with sorted keys, in hex. */
export const hashGraph = (graph: GraphSnapshot): string =>
  createHash("sha256")
    .update(canonical(graph as unknown as Json))
    .digest("hex");

const canonical = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`);
  return `{${entries.join(",")}}`;
};

/**
 * Stores graphs that are not there yet; returns their ids in order. Those that are there are held until the transaction
 * ends, so that they are not swept before what refers to them is committed.
 */
export const storeGraphs = async (tx: Queryable, graphs: readonly GraphSnapshot[]): Promise<string[]> => {
  const ids = graphs.map(hashGraph);
  if (ids.length === 0) return ids;
  const texts = new Map(graphs.map((graph, i) => [ids[i]!, JSON.stringify(graph)]));
  // Sorted: two processes that publish the same graphs at once then wait for each other in one order.
  const sorted = [...texts.keys()].sort();
  const { rows } = await tx.query<{ id: string }>(
    "select id from graphs where id = any($1::text[]) order by id for key share",
    [sorted],
  );
  const known = new Set(rows.map(({ id }) => id));
  const fresh = sorted.filter((id) => !known.has(id));
  if (fresh.length > 0)
    await tx.query(
      `insert into graphs (id, graph) select id, graph::json from unnest($1::text[], $2::text[]) as g (id, graph)
       on conflict (id) do nothing`,
      [fresh, fresh.map((id) => texts.get(id))],
    );
  return ids;
};

/** Graphs by id; an unknown id is absent. */
export const loadGraphs = async (db: Queryable, ids: readonly string[]): Promise<Map<string, GraphSnapshot>> => {
  const found = new Map<string, GraphSnapshot>();
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const known = cache.get(id);
    if (known) found.set(id, known);
    else missing.push(id);
  }
  if (missing.length > 0) {
    const { rows } = await db.query<{ id: string; graph: GraphSnapshot }>(
      "select id, graph from graphs where id = any($1::text[])",
      [missing],
    );
    for (const { id, graph } of rows) {
      remember(id, graph);
      found.set(id, graph);
    }
  }
  return found;
};

const remember = (id: string, graph: GraphSnapshot): void => {
  cache.set(id, graph);
  if (cache.size > CACHED) cache.delete(cache.keys().next().value!);
};

/** The graph of a run; undefined where there is no such run. */
export const graphOfRun = async (db: Queryable, run: string): Promise<GraphSnapshot | undefined> => {
  const { rows } = await db.query<{ graph_id: string }>("select graph_id from runs where id = $1", [run]);
  const id = rows[0]?.graph_id;
  return id === undefined ? undefined : (await loadGraphs(db, [id])).get(id);
};
