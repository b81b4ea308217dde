import type { StepError } from "./errors";
import type { GraphSnapshot } from "./graph";
import type { JsonObject } from "./json";
import type { LogChunk, StoredValue } from "./messages";
import type { RunFailureReason, RunStatus, SkipReason, StepStatus } from "./status";

/** What of a re-execution runs: every instance of `node` whose keys start with `path`. */
export interface Selection {
  node: string;
  path: string[];
}

/** A run as its owner knows it. Times are ms since the epoch. */
export interface RunRecord {
  id: string;
  job: string;
  shard: number;
  status: RunStatus;
  priority: number;
  tags: Record<string, string>;
  config: JsonObject;
  graph: GraphSnapshot;
  /** null: everything. */
  selection: Selection[] | null;
  parentRunId: string | null;
  rootRunId: string | null;
  createdAt: number;
  /** RUN_DEQUEUED. */
  admittedAt: number | null;
  /** RUN_START. */
  startedAt: number | null;
  endedAt: number | null;
  cancelRequestedAt: number | null;
  failureReason: RunFailureReason | null;
  /** The number of the last committed event; events count from 1 (RUN_ENQUEUED). */
  seq: number;
}

/** What of a run changes, as committed. */
export interface RunChange {
  id: string;
  /** These two never change; they are here for whoever counts what was committed. */
  job: string;
  createdAt: number;
  status: RunStatus;
  admittedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  failureReason: RunFailureReason | null;
  /** Message of the failure, or null. */
  error: StepError | null;
  seq: number;
  /** True while a job hook of the ended run has not ended. */
  hooksOpen: boolean;
  stepsSucceeded: number;
  stepsFailed: number;
  stepsTotal: number;
}

/** A step's row: written from QUEUED (or SKIPPED) on; a step that is not ready yet has none. */
export interface StepRecord {
  run: string;
  step: string;
  node: string;
  path: readonly string[];
  status: StepStatus;
  attempt: number;
  lost: number;
  fence: number;
  worker: string | null;
  /** Of the worker's slots, as `process.slot`; null: it has none, or was not told. */
  slot: string | null;
  queue: string;
  priority: number;
  /** The pool of which it holds a slot while it is dispatched; null: none. Not a column: its graph has it. */
  pool: string | null;
  readyAt: number | null;
  /** When its dispatch was decided; null in a row that is QUEUED: it was given back, and no dispatch is out. */
  queuedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  /** UP_FOR_RETRY: when the next try is due. */
  retryAt: number | null;
  skipReason: SkipReason | null;
  error: StepError | null;
  /** By output name; an optional output that did not come is absent. null before SUCCESS. */
  outputs: Record<string, StoredValue> | null;
  /** A generator's number of items; null = not yet known (never "none"). */
  items: number | null;
  /** The run whose output this is, where a re-execution reuses it. */
  reusedFrom: string | null;
}

/** A generator's item. Unique by (run, step, key); `ordinal` counts from 0 in order of first commit. */
export interface ItemRecord {
  run: string;
  step: string;
  key: string;
  ordinal: number;
  value: StoredValue;
}

export interface EventRecord {
  run: string;
  seq: number;
  at: number;
  type: EventType;
  step: string | null;
  data: JsonObject | null;
}

export interface LogRecord {
  run: string;
  step: string;
  attempt: number;
  chunk: LogChunk;
}

/** Dagster's event types, and ours where it has no word. One word in code, database, wire and UI. */
export const EVENT_TYPES = [
  "RUN_ENQUEUED",
  "RUN_DEQUEUED",
  "RUN_STARTING",
  "RUN_START",
  "RUN_SUCCESS",
  "RUN_FAILURE",
  "RUN_CANCELING",
  "RUN_CANCELED",
  "RUN_OWNER_CHANGED",
  "STEP_QUEUED",
  "STEP_START",
  "STEP_OUTPUT",
  "STEP_SUCCESS",
  "STEP_FAILURE",
  "STEP_SKIPPED",
  "STEP_UP_FOR_RETRY",
  "STEP_RESTARTED",
  "STEP_CANCELED",
  "STEP_LOST",
  "STEP_RELEASED",
  "STEP_PROGRESS",
  "HOOK_COMPLETED",
  "HOOK_ERRORED",
  "ENGINE_EVENT",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** A shard as an owner holds it: `beat` is the highest fence drawn so far (protocol 3). */
export interface ShardLease {
  id: number;
  epoch: number;
  beat: number;
}
/** A shard as read from the database; epoch and beat are 0 before the first owner. */
export interface ShardRecord extends ShardLease {
  owner: string | null;
}
/** What whoever takes a shard knows of its last owner. */
export interface LastSeen {
  /** It has given the shard to whoever takes it now. */
  handed: boolean;
  /** It lives, but its beat has stood still. */
  silent: boolean;
  /** ms since its last sign of life; null: none was seen. */
  quietMs: number | null;
}
/** What a takeover came to. */
export interface TakeoverOutcome {
  /** Runs that go on in the shard. */
  runs: number;
  /** ms from its taking until its runs were served again. */
  servedMs: number;
  /** Steps that were dispatched again, as no worker had them. */
  sentAgain: number;
  /** Of these, the ones that had begun, as far as their workers had told: they run for the second time. */
  hadBegun: number;
}

/** What a look at the queue of runs came to. */
export interface Admitted {
  /** Runs that may start now. */
  grants: { run: string; shard: number }[];
  /** There was room for more: no run waits that could have had it. */
  emptied: boolean;
}

/** Everything decided since the last commit, of all runs and shards of one owner. One statement, one round trip. */
export interface CommitBatch {
  owner: string;
  shards: ShardLease[];
  runs: RunChange[];
  steps: StepRecord[];
  items: ItemRecord[];
  events: EventRecord[];
  logs: LogRecord[];
}
/**
 * Not ok: NOTHING of the batch was written. `lost`: shards that this owner no longer holds at that epoch; `canceled`:
 * runs that it was to end by themselves, but whose cancel had been accepted before.
 */
export type CommitResult = { ok: true } | { ok: false; lost: number[]; canceled: string[] };

/** Where a value stands: a step's named output, or an item of a generator. */
export type ValueKey = { run: string; step: string; output: string } | { run: string; step: string; item: string };

/** A step's row as an actor is rebuilt from it: without values. */
export type RestoredStep = Omit<
  StepRecord,
  "outputs" | "error" | "queue" | "priority" | "items" | "run" | "path" | "node"
> & {
  outputNames: string[] | null;
};
