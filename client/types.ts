/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type RunStatus = "QUEUED" | "STARTING" | "STARTED" | "SUCCESS" | "FAILURE" | "CANCELING" | "CANCELED";
export type StepStatus = "QUEUED" | "STARTED" | "UP_FOR_RETRY" | "SUCCESS" | "FAILURE" | "SKIPPED" | "CANCELED";

/** Times are RFC 3339, ids UUIDv7. */
export interface RunSummary {
  id: string;
  job: string;
  status: RunStatus;
  priority: number;
  tags: Record<string, string>;
  run_key: string | null;
  parent_run_id: string | null;
  root_run_id: string | null;
  code_version: string;
  created_at: string;
  admitted_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  cancel_requested_at: string | null;
  failure_reason: "STEP_FAILURE" | "START_TIMEOUT" | "MAX_RUNTIME" | "JOB_INITIALIZATION_FAILURE" | null;
  /** Number of its last event. */
  seq: number;
  steps_succeeded: number;
  steps_failed: number;
  /** Steps known by now; a generator that runs adds to them. */
  steps_total: number;
}

/** An error of user code, or of dqueue where it has a `code`. */
export interface StepError {
  name: string;
  message: string;
  code?: string;
  stack?: string;
  metadata?: JsonObject;
  cause?: StepError;
}

export interface Run extends RunSummary {
  config: JsonObject;
  graph_id: string;
  selection: { node: string; path: string[] }[] | null;
  error: StepError | null;
}

/** Keys of a config that were changed, but act only in `nodes`, of which no step runs: the change does nothing. */
type IdleConfig = { key: string; nodes: string[] }[];

/** A run that repeats another. */
export interface Reexecution extends Run {
  idle_config: IdleConfig;
}

/** What a re-execution would do. */
export interface ReexecutionPlan {
  /** The nodes of which steps run, in the graph's order, and how many; null: as many as their generators will make. */
  again: { node: string; steps: number | null }[];
  /** How many steps keep their results. */
  kept: number;
  idle_config: IdleConfig;
}

export interface StepSummary {
  /** `process_task[3]` */
  key: string;
  node: string;
  path: string[];
  status: StepStatus;
  attempt: number;
  lost: number;
  worker: string | null;
  /** Of the worker's slots, as `process.slot`; null: it has none yet, or it was not told. */
  slot: string | null;
  queue: string;
  priority: number;
  ready_at: string | null;
  queued_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  retry_at: string | null;
  skip_reason: "UPSTREAM_FAILED" | "NO_OUTPUT" | "NOT_SELECTED" | null;
  error: StepError | null;
  items: number | null;
  reused_from: string | null;
}

export interface Step extends StepSummary {
  /** By output name; null before SUCCESS. */
  outputs: Record<string, Json> | null;
  /** By input name; of a list its first elements. */
  inputs: Record<string, { value: Json } | { list: Json[]; more: boolean }>;
}

export interface RunEvent {
  seq: number;
  at: string;
  type: string;
  step: string | null;
  data: JsonObject | null;
}

export interface LogLine {
  id: string;
  at: string;
  step: string;
  attempt: number;
  stream: "stdout" | "stderr" | "log";
  level: "debug" | "info" | "warn" | "error";
  text: string;
}

export interface GraphNode {
  name: string;
  op: string;
  scope: string[];
  dynamic: boolean;
  outputs: { name: string; optional: boolean }[];
  inputs: {
    name: string;
    sources: { node: string; output: string; collect: boolean }[];
    list: boolean;
    omit_failed: boolean;
    stream: boolean;
  }[];
  after: string[];
  config: JsonObject | null;
  /** Keys of the run's config that its op takes; null: not told by the version that launched it. */
  config_keys: string[] | null;
  retry: {
    max_retries: number;
    delay_ms: number;
    backoff: "linear" | "exponential" | null;
    jitter: "full" | "plus_minus" | null;
  };
  timeout_ms: number | null;
  queue: string;
  priority: number;
  pool: string | null;
  tags: Record<string, string>;
  blocking: boolean;
}

export interface Graph {
  job: string;
  description: string | null;
  tags: Record<string, string>;
  nodes: GraphNode[];
  /** JSON Schema, draft 2020-12. */
  config_schema: JsonObject;
  default_config: JsonObject | null;
  hooks: { on_success: boolean; on_failure: boolean };
}

export interface SensorSummary {
  name: string;
  kind: "sensor" | "run_status_sensor";
  description: string | null;
  jobs: string[];
  minimum_interval_seconds: number;
  default_status: "RUNNING" | "STOPPED";
  run_statuses: string[];
  monitored_jobs: string[];
  status: "RUNNING" | "STOPPED";
  status_by_user: boolean;
  /** When it was last started or stopped; null: never, or before that was kept. */
  status_since: string | null;
  code_version: string;
  version: number;
  /** When its definition or its code last changed. */
  published_at: string;
  evaluating: boolean;
  next_tick_at: string;
  last_tick_at: string | null;
  last_tick: { id: string; status: string; started_at: string; skip_reason: string | null } | null;
}

export interface Sensor extends SensorSummary {
  cursor: string | null;
}

/** A sensor as a list shows it that asks for ticks. */
export interface SensorItem extends SensorSummary {
  activity: {
    /** Columns, oldest first: the same place in each is the same tick. */
    ticks: { status: Tick["status"][]; started_at: string[]; runs: number[] };
    runs_24h: number;
    /** The first of the failures that its last ticks are; null: its last tick did not fail. */
    failing_since: string | null;
    /** What its last tick threw. */
    error: string | null;
  };
}

/** What a tick would do. */
export interface SensorTrial {
  status: "SUCCESS" | "SKIPPED" | "FAILURE";
  skip_reason: string | null;
  error: StepError | null;
  /** Where the cursor would stand. */
  cursor: string | null;
  run_requests: {
    job: string;
    run_key: string | null;
    config: JsonObject;
    tags: Record<string, string>;
    priority: number;
    /** False: its run key has launched a run before. */
    would_launch: boolean;
  }[];
  known_run_keys: string[];
  /** Lines that it wrote; of many the first ones. */
  logs: { stream: "stdout" | "stderr"; text: string }[];
}

export interface Tick {
  id: string;
  instigator: string;
  status: "STARTED" | "SKIPPED" | "SUCCESS" | "FAILURE";
  started_at: string;
  ended_at: string | null;
  skip_reason: string | null;
  error: StepError | null;
  cursor: string | null;
  run_ids: string[];
  known_run_keys: string[];
}

export interface Worker {
  id: string;
  host: string;
  pid: number;
  queues: string[];
  slots: number;
  busy: number;
  /** Steps that it runs now, the first 64, each with its slot as `process.slot`; null: it is not told. */
  steps: { run_id: string; step: string; slot: string | null }[];
  processes: number;
  concurrency: number;
  code_version: string;
  ops: number;
  started_at: string;
  last_seen_at: string;
  cpu: number;
  /** Bytes. */
  rss: number;
  draining: boolean;
  draining_since: string | null;
  /** What keeps it from its work, a line each. */
  problems: string[];
}

export interface Queue {
  name: string;
  /** Steps that wait: dispatched ones and those held back. */
  queued: number;
  held_back: number;
  running: number;
  up_for_retry: number;
  messages: number | null;
  /** Messages that workers have in hand and have not acknowledged; null: the broker does not say. */
  unacked: number | null;
  workers: number;
  slots: number;
  busy: number;
  /** Over the last minute; null: not known yet. */
  growth_per_second: number | null;
  /** At that pace; null: it does not shrink, or is not known yet. */
  drained_in_seconds: number | null;
  /** Steps that became ready; null: not known yet. */
  in_per_second: number | null;
  /** Steps that began. */
  out_per_second: number;
  /** Of the dispatched steps that wait, the one that has waited longest. */
  oldest_ready_at: string | null;
}

/** A worker that vanished: shown until ten minutes after its steps were settled. */
export interface LostWorker {
  id: string;
  host: string;
  queues: string[];
  slots: number;
  last_seen_at: string;
  /** Steps that it had in hand. */
  held: number;
  /** Of these, the ones that still count as running there. */
  open: number;
  /** Of these, the ones that wait for another worker. */
  waiting: number;
}

export interface Coordinator {
  id: string;
  live: boolean;
  shards: number[];
  runs: number;
}

/** A page of a list; `next_cursor` null: the last. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface PageOptions {
  /** 1 to 1,000; 100 if not given. */
  limit?: number;
  cursor?: string;
}

export interface LaunchOptions {
  job: string;
  config?: JsonObject;
  tags?: Record<string, string>;
  priority?: number;
  /** Launches once, ever. */
  run_key?: string;
  /** What of the job runs: names of nodes, with * before for all that they stand on and + behind for all that follows. */
  steps?: string[];
}

export type ReexecuteOptions =
  | { from: "failure" | "start"; config?: JsonObject }
  /** Step keys or names of nodes, each perhaps with a + for everything behind it. */
  | { from: "steps"; steps: string[]; config?: JsonObject };

/** An RFC 9457 problem document. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  /** What is wrong with the body, each by JSON pointer. */
  errors?: { pointer: string; message: string }[];
  /** The query parameter that is wrong. */
  parameter?: string;
  /** By which the server's log names it; absent where no server answered. */
  request_id?: string;
  [detail: string]: unknown;
}
