import type { StepError } from "../core/errors";
import type { Json } from "../core/json";
import type { LogLine, Report, StepAction, WorkerBeat } from "../core/messages";
import type { ListPage, StepEnding, SizedValue, TaskInput } from "../runtime/step-messages";

/** A cancelled timer never fires. */
export interface Timer {
  readonly cancel: () => void;
}

export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** `ms` may be longer than Node's timers bear (24.8 days). */
  after(ms: number, run: () => void): Timer;
}

/** How a step left the pool: as its process told, or by the end of its process. */
export type StepOutcome =
  | StepEnding
  /** Its process vanished by its own doing while this step ran, and no other. `times`: as in its report. */
  | { type: "lost"; startedAt: number; at: number; error: StepError; times?: number }
  /**
   * Its process was ended because of another step; or, `suspectOf` that process's pid, died by itself while several
   * ran, and nobody knows which one did it.
   */
  | { type: "neighbour"; at: number; suspectOf: number | null };

/** Where a step runs. */
export interface StepPlace {
  /** Of the step process. */
  pid: number;
  /** Of the worker's slots, as `process.slot`; both count from 1. A process that replaces another takes its number. */
  slot: string;
}

/** What the pool tells about one step. `ended` comes exactly once, last, after every line of output. */
export interface StepCallbacks {
  /** Comes some ms late, or not at all before `ended` for a step that is short; before all else that it says. */
  begun(at: number, place: StepPlace): void;
  lines(lines: LogLine[]): void;
  progress(at: number, fraction: number, message: string | null): void;
  /** The generator waits once too much of its output has not been taken. */
  item(key: string, value: SizedValue, taken: () => void): void;
  /** A page of a list input. A rejection fails the step with its message. */
  page(input: string, offset: number): Promise<ListPage>;
  /** `place`: where it ran, if it was given to a step process. */
  ended(outcome: StepOutcome, place: StepPlace | null): void;
}

export interface PoolStep {
  action: StepAction;
  inputs: Record<string, TaskInput>;
  on: StepCallbacks;
}

/** A step that the pool has taken. */
export interface StepHandle {
  /** Raises the step's signal; when it has not ended after `graceMs`, its process group is killed. Repeatable. */
  abort(reason: string, graceMs: number): void;
  /** Has it end as "not_begun", unless it has begun. */
  drop(): void;
  /** Tells `begun` at once, if it has begun. */
  look(): void;
}

/** Where steps run: the step processes, or a simulation of them. */
export interface Pool {
  /** Runs the steps one after the other in one process; `alone`: with no other step beside them. */
  run(steps: PoolStep[], options: { alone: boolean }): StepHandle[];
}

/** Values that are too large to travel inline (protocol 5.7). */
export interface Values {
  /** Resolves with the reference once it is stored. */
  store(value: Json, of: { run: string; step: string; bytes: number }): Promise<string>;
  load(ref: string, of: { run: string }): Promise<Json>;
  loadListPage(of: { run: string; step: string; input: string; offset: number }): Promise<ListPage>;
}

export interface ExecutorPorts {
  clock: Clock;
  /** In [0, 1): the jitter of retries. */
  random(): number;
  pool: Pool;
  /** Of the worker's process: reported for a step that failed before it reached a step process. */
  pid: number;
  values: Values;
  /** Resolves when the reports are confirmed to be in the shard's mailbox. */
  report(shard: number, reports: Report[]): Promise<void>;
  /** Resolves when the beat has been confirmed. */
  publishBeat(beat: WorkerBeat): Promise<void>;
  /** What a beat says about the process: memory in bytes, processor in percent of one core since the last call. */
  vitals(): { cpu: number; rss: number };
  /** For the operator's log. */
  warn(message: string, of?: { run: string; step: string }): void;
}

/** What the executor says of itself in its beats. May change while it runs (code version, queues). */
export interface WorkerIdentity {
  worker: string;
  host: string;
  pid: number;
  queues: string[];
  processes: number;
  concurrency: number;
  codeVersion: string;
  ops: number;
  problems?: string[];
}

export interface ExecutorSettings {
  /** ms between a step's signal and the kill of its process, for timeouts, revokes and steps cut off. */
  graceMs: number;
  /** Bytes of JSON up to which a value travels inline. */
  inlineBytes: number;
  /** Bytes of JSON of one output above which an IO manager is needed. */
  valueBytes: number;
  /** Bytes of JSON of all inputs of a step, unless taken as a stream. */
  inputBytes: number;
  /** Bytes of output that are kept of one attempt. */
  logBytes: number;
}

export const DEFAULT_SETTINGS: ExecutorSettings = {
  graceMs: 5_000,
  inlineBytes: 256 * 1024,
  valueBytes: 4 * 1024 * 1024,
  inputBytes: 64 * 1024 * 1024,
  logBytes: 10 * 1024 * 1024,
};
