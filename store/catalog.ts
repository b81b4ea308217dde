import type { GraphSnapshot } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { Database, Queryable } from "./database";
import { loadGraphs, storeGraphs } from "./graphs";

/** A job as the catalog has it now. */
export interface PublishedJob {
  name: string;
  graphId: string;
  codeVersion: string;
  publishedAt: Date;
  graph: GraphSnapshot;
}

/**
 * Publishes a code location's jobs. An older version of the code (first published earlier than the one that is
 * current) never replaces a newer one's graphs, so that a worker left behind in a rollout changes nothing. Jobs that
 * the new version no longer has are taken out: runs keep the graph that they were launched with.
 * @param options.revive true: the author has gone back to this version on purpose (a file saved in `dqueue dev`), so
 * it counts as published first now.
 * @returns whether this version is now the current one.
 */
export const publishJobs = (
  db: Database,
  { codeVersion, jobs }: { codeVersion: string; jobs: readonly GraphSnapshot[] },
  { revive = false }: { revive?: boolean } = {},
): Promise<boolean> =>
  db.transaction(async (tx) => {
    await tx.query(
      `insert into code_versions (code_version, first_published_at) values ($1, clock_timestamp())
       on conflict (code_version) do update set first_published_at = clock_timestamp() where $2`,
      [codeVersion, revive],
    );
    // One publisher at a time: two versions at once would each take out what only the other has.
    await tx.query(`lock table jobs in share row exclusive mode`);
    const { rows } = await tx.query<{ newer: boolean }>(
      `select exists (
         select from jobs join code_versions known using (code_version)
         where known.first_published_at > (select first_published_at from code_versions where code_version = $1)
       ) as newer`,
      [codeVersion],
    );
    if (rows[0]!.newer) return false;
    const graphIds = await storeGraphs(tx, jobs);
    const names = jobs.map(({ job }) => job);
    await tx.query(
      `insert into jobs as known (name, graph_id, code_version, published_at)
       select name, graph_id, $1, now() from unnest($2::text[], $3::text[]) as job (name, graph_id)
       on conflict (name) do update
         set graph_id = excluded.graph_id, code_version = excluded.code_version, published_at = now()
         where (known.graph_id, known.code_version) <> (excluded.graph_id, excluded.code_version)`,
      [codeVersion, names, graphIds],
    );
    await tx.query(`delete from jobs where name <> all($1::text[])`, [names]);
    return true;
  });

interface JobRow {
  name: string;
  graph_id: string;
  code_version: string;
  published_at: Date;
}

const published = async (db: Queryable, rows: readonly JobRow[]): Promise<PublishedJob[]> => {
  const graphs = await loadGraphs(
    db,
    rows.map(({ graph_id }) => graph_id),
  );
  return rows.map(({ name, graph_id, code_version, published_at }) => ({
    name,
    graphId: graph_id,
    codeVersion: code_version,
    publishedAt: published_at,
    graph: graphs.get(graph_id)!,
  }));
};

/** Jobs by name. `after`: the name of the last one seen. */
export const listJobs = async (
  db: Queryable,
  { after, limit }: { after: string | null; limit: number },
): Promise<PublishedJob[]> => {
  const { rows } = await db.query<JobRow>(
    `select name, graph_id, code_version, published_at from jobs
     where $1::text is null or name collate "C" > $1
     order by name collate "C" limit $2`,
    [after, limit],
  );
  return published(db, rows);
};

/** The published ones of the jobs named. */
export const findJobs = async (db: Queryable, names: readonly string[]): Promise<Map<string, PublishedJob>> => {
  const { rows } = await db.query<JobRow>(
    `select name, graph_id, code_version, published_at from jobs where name = any($1::text[])`,
    [names],
  );
  return new Map((await published(db, rows)).map((job) => [job.name, job]));
};

/** Names of all published jobs: to suggest one for a name that is not among them. */
export const jobNames = async (db: Queryable): Promise<string[]> => {
  const { rows } = await db.query<{ name: string }>(`select name from jobs order by name limit 10000`);
  return rows.map(({ name }) => name);
};

/** The config that a launch comes to: what is not given comes from the job's defaults, key by key. */
export const configOf = (graph: GraphSnapshot, given: JsonObject): JsonObject => ({ ...graph.defaultConfig, ...given });
