import type { Json, JsonObject, JsonSchema } from "./json";

/** Delays between tries. See `core/retry.ts`. */
export interface RetryPolicy {
  /** Tries after the first; 0 = never. */
  maxRetries: number;
  /** Base delay in milliseconds; 0 = at once. */
  delayMs: number;
  /** LINEAR n·d, EXPONENTIAL (2ⁿ−1)·d, null: always d. */
  backoff: "linear" | "exponential" | null;
  /** FULL: random in [0, delay]; PLUS_MINUS: delay ± random·d; null: none. */
  jitter: "full" | "plus_minus" | null;
}

/**
 * Where one value of an input comes from.
 * - `collect: false`: the output of the instance of `node` at the same keys, or, where `node` is a generator that
 *   encloses the reader, the one item of that generator for the reader's key.
 * - `collect: true`: every output of `node` (or every item, if `node` is the generator itself) below the reader's
 *   keys, one level deep, in the order in which the generator's items were committed.
 */
export interface InputSource {
  node: string;
  /** Name of the output; "result" where the op has only one. */
  output: string;
  collect: boolean;
}

export interface NodeInput {
  /** Name of the input; "" where the op's whole input is this one value. */
  name: string;
  sources: InputSource[];
  /** True: the op receives an array, one element per source (a collect adds its elements); skipped ones are left out. */
  list: boolean;
  /** True: failed sources are left out too instead of skipping the reader. Only for collects. */
  omitFailed: boolean;
  /** True: the op takes the list as an async iterable; it is never held whole. */
  stream: boolean;
}

/** One call of an op in a job's graph. */
export interface GraphNode {
  /** Unique in the graph; sub-graph calls are joined with dots: "outer.inner". Step keys start with it. */
  name: string;
  op: string;
  /** Names of the generator nodes that enclose this node, outermost first: one key each in the step key. */
  scope: string[];
  /** True: a generator, whose items are the children of nodes that have it in their scope. */
  dynamic: boolean;
  outputs: { name: string; optional: boolean }[];
  inputs: NodeInput[];
  /** Names of nodes that must have succeeded first (ordering without a value), in this node's scope or an outer one. */
  after: string[];
  /** Fixed config of this call; wins over the run's config, key by key. */
  config: JsonObject | null;
  /** Keys of the run's config that the op takes; absent in graphs that were published before it was told. */
  configKeys?: string[];
  retry: RetryPolicy;
  /** Milliseconds; null = none. */
  timeoutMs: number | null;
  queue: string;
  /** 0–9; added to the run's priority and clipped to 0–9. */
  priority: number;
  /** Concurrency pool, or null. */
  pool: string | null;
  tags: Record<string, string>;
  /** False: a failure of this node does not fail the run (a map marked non-blocking). */
  blocking: boolean;
}

/** A job as JSON: what the catalog publishes and each run points to, stored once per content hash. */
export interface GraphSnapshot {
  version: 1;
  job: string;
  description: string | null;
  tags: Record<string, string>;
  /** Topologically ordered: sources before readers. */
  nodes: GraphNode[];
  /** Of the run's config: the ops' schemas merged, unknown keys refused. */
  configSchema: JsonSchema;
  /** Used where a launch gives none for a key. */
  defaultConfig: JsonObject | null;
  hooks: { onSuccess: boolean; onFailure: boolean };
  /** For how many days its ended runs are kept, null: for ever; absent: as the installation is set. */
  retention?: { days: number | null };
}

/** What a code location publishes about a sensor. */
export interface SensorDefinition {
  name: string;
  kind: "sensor" | "run_status_sensor";
  /** Jobs that it may launch; the first is the default. */
  jobs: string[];
  description: string | null;
  minimumIntervalSeconds: number;
  defaultStatus: "RUNNING" | "STOPPED";
  /** Run-status sensors only. */
  runStatuses: string[];
  /** Run-status sensors: jobs that they watch; empty = all. */
  monitoredJobs: string[];
}

/** Everything that a code location publishes. */
export interface Catalog {
  codeVersion: string;
  jobs: GraphSnapshot[];
  sensors: SensorDefinition[];
}

/** One problem with a value at a JSON pointer, as validation reports it. */
export interface ValidationIssue {
  pointer: string;
  message: string;
  value?: Json;
}
