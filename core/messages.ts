import type { StepError } from "./errors";
import type { Json, JsonObject } from "./json";

/** A value as it travels and is stored: inline up to 256 KiB of JSON, else by reference into `values`. */
export type StoredValue = InlineValue | { ref: string; size: number };
export interface InlineValue {
  value: Json;
}

/** An input of a step as the dispatch carries it. */
export type StepInput =
  | StoredValue
  /** A list that is small enough to travel. */
  | { list: InlineValue[] }
  /** A large list, to be fetched in pages with `runs.loadList`. `size` bytes are known only roughly. */
  | { pages: { input: string; count: number } };

/** A dispatched step: what the owner orders and the worker performs. Its fence is its identity. */
export interface StepAction {
  shard: number;
  run: string;
  job: string;
  /** Step key, e.g. `process_task[3]`. For job hooks: "<job>:on_success" or "<job>:on_failure". */
  step: string;
  /** The node's name and the op's. For job hooks both are the hook's step key. */
  node: string;
  op: string;
  /** Keys of the enclosing generators' items, outermost first. */
  path: string[];
  fence: number;
  /** 1 for the first try. */
  attempt: number;
  /** Milliseconds, or null. */
  timeoutMs: number | null;
  /** By input name ("" = the whole input). */
  inputs: Record<string, StepInput>;
  /** The run's config with the node's fixed config over it, not yet parsed by the op's schema. */
  config: JsonObject;
  tags: Record<string, string>;
  /** Of a generator that runs again: keys of the items that are committed already. */
  committedKeys?: string[];
  /** Job hooks only: how the run ended. */
  hook?: { event: "success" | "failure"; failedSteps: string[]; error: StepError | null };
  /** Holds a pool slot: to be aborted when the worker is cut off (protocol 6). */
  pooled?: boolean;
  /** Put in by the worker where traces are on: how this execution names itself to what it calls (W3C Trace Context). */
  traceparent?: string;
  /** Was running with others when their process died: to run with no other in its process, so that the one is found. */
  alone?: boolean;
}

interface StepReport {
  shard: number;
  run: string;
  step: string;
  fence: number;
}

/**
 * What a worker tells the owner of a shard about a dispatch. `at` and `startedAt` are ms since the epoch. `slot`: of the
 * worker's, as `process.slot`; absent where the step reached no step process.
 */
export type Report =
  | (StepReport & { type: "started"; at: number; worker: string; pid: number; slot?: string })
  /** Items of a generator, in the order in which it has yielded them. */
  | (StepReport & { type: "items"; items: [key: string, value: StoredValue][] })
  /** Carries its start too, so that a short step needs no report of its own for it. `items`: a generator's count. */
  | (StepReport & {
      type: "succeeded";
      startedAt: number;
      at: number;
      worker: string;
      pid: number;
      slot?: string;
      outputs: Record<string, StoredValue>;
      items?: number;
      hooks?: HookResult[];
    })
  /** `random` in [0, 1): the jitter of the retry, drawn where randomness is allowed. */
  | (StepReport & {
      type: "failed";
      startedAt: number;
      at: number;
      worker: string;
      pid: number;
      slot?: string;
      error: StepError;
      /** False: never retried. A RetryRequested carries its own numbers. */
      retryable: boolean;
      retryRequested?: { maxRetries: number; delayMs: number | null };
      random: number;
      hooks?: HookResult[];
    })
  /**
   * The step process vanished by its own doing (heap, crash, exit) while this step ran. `times`: of how many deaths it
   * is the cause; absent: of this one. An earlier one that had several suspects is counted once it has run alone.
   */
  | (StepReport & {
      type: "lost";
      startedAt: number;
      at: number;
      worker: string;
      slot?: string;
      error: StepError;
      random: number;
      times?: number;
    })
  /** Given back, without blame. `unfinished`: it had begun. */
  | (StepReport & {
      type: "released";
      at: number;
      reason: "drain" | "no_slot" | "unknown_op" | "stale_epoch" | "bundle_late" | "neighbour" | "redelivered";
      /** stale_epoch only: the epoch that the worker knows. An owner below it takes its shards again above it. */
      epoch?: number;
    })
  /** It was canceled and has stopped. */
  | (StepReport & { type: "canceled"; at: number })
  | (StepReport & { type: "progress"; at: number; fraction: number; message: string | null })
  | (StepReport & { type: "logs"; attempt: number; chunk: LogChunk });

/** What an op hook did. */
export interface HookResult {
  hook: string;
  event: "success" | "failure";
  error: StepError | null;
}

/** Consecutive log lines of one attempt, at most 64 KiB. */
export interface LogChunk {
  /** Counts up from 0 within an attempt: (run, step, attempt, seq) is unique. */
  seq: number;
  lines: LogLine[];
}
export interface LogLine {
  /** ms since the epoch. */
  at: number;
  stream: "stdout" | "stderr" | "log";
  /** Of `ctx.log`: debug, info, warn, error. */
  level: "debug" | "info" | "warn" | "error";
  text: string;
}

/** Items of a shard's mailbox that are not reports: an owner's mark, and lines that say "look". */
export type MailboxItem =
  | Report
  | { type: "mark"; shard: number; id: string }
  | { type: "look"; shard: number; at: "queue" | "grants" | "cancel"; run?: string };

/** A worker's message on the beats exchange, once a second. */
export interface WorkerBeat {
  worker: string;
  host: string;
  pid: number;
  /** Counts up; a beat with a lower number than one seen is late. */
  seq: number;
  queues: string[];
  slots: number;
  /** Steps running now. */
  busy: number;
  processes: number;
  concurrency: number;
  codeVersion: string;
  ops: number;
  startedAt: number;
  cpu: number;
  rss: number;
  /** Every dispatch that it holds: delivered, begun (in a slot), or ended with the report not yet confirmed. */
  holds: { shard: number; fence: number; run: string; step: string; begun: boolean; ended?: true; slot?: string }[];
  /** True: draining, takes nothing new. */
  draining: boolean;
  /** What keeps it from its work, a line each, such as a queue that it cannot use. */
  problems?: string[];
  /** The id of the roll call that this beat answers. */
  rollCall?: string;
}

/** Whether this is a worker's last word: it drains and has let go of everything. Who falls silent without it has vanished. */
export const saysGoodbye = ({ draining, holds }: Pick<WorkerBeat, "draining" | "holds">): boolean =>
  draining && holds.length === 0;

/** What an owner broadcasts to workers. */
export type WorkerOrder =
  /** Drop this dispatch: its fence is no longer the row's. */
  | { type: "revoke"; run: string; step: string; fence: number }
  /** Stop every step of this run and never begin one, for `graceMs` politely. */
  | { type: "cancel"; run: string; graceMs: number }
  /** Tell at once what you hold of these shards, and drop unbegun deliveries below the epoch. */
  | { type: "roll_call"; id: string; shards: { shard: number; epoch: number }[] }
  /** Stop or resume taking steps of a queue. */
  | { type: "pause_queue" | "resume_queue"; queue: string };
