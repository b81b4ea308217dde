import { Client } from "pg";
import { v7 as uuidv7 } from "uuid";
import type { GraphNode, GraphSnapshot } from "../../core/graph";
import type { CommitBatch, RunChange, ShardLease, StepRecord } from "../../core/records";
import { commit } from "../../store/commit";
import { createRuns, type NewRun } from "../../store/create-runs";
import type { Database, Queryable } from "../../store/database";
import { readShards, takeShard } from "../../store/shards";
import { eventually } from "../support/eventually";

export const node = (name: string, more: Partial<GraphNode> = {}): GraphNode => ({
  name,
  op: name,
  scope: [],
  dynamic: false,
  outputs: [{ name: "result", optional: false }],
  inputs: [],
  after: [],
  config: null,
  retry: { maxRetries: 0, delayMs: 0, backoff: null, jitter: null },
  timeoutMs: null,
  queue: "default",
  priority: 5,
  pool: null,
  tags: {},
  blocking: true,
  ...more,
});

export const graph = (nodes: GraphNode[] = [node("only")], job = "demo"): GraphSnapshot => ({
  version: 1,
  job,
  description: null,
  tags: {},
  nodes,
  configSchema: {},
  defaultConfig: null,
  hooks: { onSuccess: false, onFailure: false },
});

export const newRun = (more: Partial<NewRun> = {}): NewRun => ({
  job: "demo",
  graph: graph(),
  codeVersion: "v1",
  priority: 0,
  tags: {},
  config: {},
  ...more,
});

/** Creates a run of the first owner's shards. */
export const create = async (db: Database, more: Partial<NewRun> = {}): Promise<string> =>
  (await createRuns(db, [newRun(more)]))[0]!.id;

/** Takes every shard for an owner, whoever has them. */
export const takeAll = async (db: Database, owner: string): Promise<ShardLease[]> => {
  const leases: ShardLease[] = [];
  for (const shard of await readShards(db)) leases.push((await takeShard(db, { shard, owner }))!);
  return leases;
};

export const batch = (owner: string, shards: ShardLease[], more: Partial<CommitBatch> = {}): CommitBatch => ({
  owner,
  shards,
  runs: [],
  steps: [],
  items: [],
  events: [],
  logs: [],
  ...more,
});

export const runChange = (id: string, more: Partial<RunChange> = {}): RunChange => ({
  id,
  job: "job",
  createdAt: 0,
  status: "STARTED",
  admittedAt: null,
  startedAt: null,
  endedAt: null,
  failureReason: null,
  error: null,
  seq: 1,
  hooksOpen: false,
  stepsSucceeded: 0,
  stepsFailed: 0,
  stepsTotal: 1,
  ...more,
});

export const stepRow = (run: string, step: string, more: Partial<StepRecord> = {}): StepRecord => ({
  run,
  step,
  node: step.split("[")[0]!,
  path: [],
  status: "QUEUED",
  attempt: 1,
  lost: 0,
  fence: 1,
  worker: null,
  slot: null,
  queue: "default",
  priority: 5,
  pool: null,
  readyAt: 1,
  queuedAt: 1,
  startedAt: null,
  endedAt: null,
  retryAt: null,
  skipReason: null,
  error: null,
  outputs: null,
  items: null,
  reusedFrom: null,
  ...more,
});

/** A step that has ended well. */
export const succeeded = (run: string, step: string, more: Partial<StepRecord> = {}): StepRecord =>
  stepRow(run, step, { status: "SUCCESS", startedAt: 2, endedAt: 3, outputs: { result: { value: step } }, ...more });

/** An owner of all shards, and its commits. */
export const ownerOf = async (db: Database, owner = `owner-${uuidv7()}`) => {
  const shards = await takeAll(db, owner);
  return { owner, shards, commit: (more: Partial<CommitBatch>) => commit(db, batch(owner, shards, more)) };
};

/** What an owner names when it admits runs. */
export const leaseOf = ({ owner, shards }: { owner: string; shards: readonly ShardLease[] }) => ({
  owner,
  epoch: shards[0]!.epoch,
});

/** An open transaction on a connection of its own; `end` commits it. */
export const openTransaction = async (url: string): Promise<{ within: Queryable; end(): Promise<void> }> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("begin");
  const query: Queryable["query"] = (text, values) => client.query(text, values as unknown[]) as never;
  const end = async (): Promise<void> => {
    await client.query("commit");
    await client.end();
  };
  return { within: { embedded: false, query }, end };
};

/** Resolves once no transaction is open, be it in another test's database on the server, that began before a run changed. */
export const untilSettled = (db: Database): Promise<boolean> =>
  eventually(async () => {
    const held = "select 1 from runs where changed >= pg_snapshot_xmin(pg_current_snapshot()) limit 1";
    return (await db.query(held)).rows.length === 0;
  });

/** Resolves once a statement in this database waits for another's lock. */
export const untilBlocked = async (db: Database): Promise<void> => {
  for (;;) {
    const { rows } = await db.query(
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    if (rows.length > 0) return;
  }
};
