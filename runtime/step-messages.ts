import type { Difference } from "../core/difference";
import type { StepError } from "../core/errors";
import type { Json } from "../core/json";
import type { HookResult, LogLine, StepAction } from "../core/messages";
import type { CodeBundle } from "./bundle";
import type { SecretRules } from "./process-secrets";

/** An input as a step process gets it: the value, or where to ask for the pages of a list. */
export type TaskInput = { value: Json } | { pages: { count: number } };

/** A step for a step process. `id` is unique within the process's life; its inputs are there, or can be asked for. */
export interface StepTask extends Omit<StepAction, "inputs"> {
  id: number;
  inputs: Record<string, TaskInput>;
}
/** As it travels: whole, or told by what differs from the one before it in the message. */
export type SentTask = [whole: StepTask] | Difference;

/** Elements of a list from `offset` on; `next` is the following offset, null at the end. */
export interface ListPage {
  values: Json[];
  next: number | null;
}

/** How a step process is started; its first message. */
export interface StepProcessSettings {
  bundle: CodeBundle;
  limits: ValueLimits;
  secrets: SecretRules;
}

export interface ValueLimits {
  /** Bytes of JSON of one output or item; above it the step fails. */
  valueBytes: number;
  /** Bytes of JSON of all inputs of a step together, unless taken as a stream. */
  inputBytes: number;
}

/** What the worker sends to a step process over IPC. */
export type ToStepProcess =
  /** Bundles to run beside each other; the steps of a bundle run one after the other. */
  | { type: "run"; bundles: SentTask[][] }
  /** Raise the step's signal; one that has not begun is dropped. */
  | { type: "abort"; id: number; reason: string }
  /** Drop the step unless it has begun. */
  | { type: "drop"; id: number }
  /** Items of a generator that have arrived: room for as many more. */
  | { type: "taken"; id: number; items: number; bytes: number }
  | { type: "page"; id: number; request: number; page: ListPage }
  | { type: "no_page"; id: number; request: number; message: string }
  /** Tear the resources down and exit. */
  | { type: "finish" };

/** A step's result. `bytes`: of its JSON. */
export interface SizedValue {
  value: Json;
  bytes: number;
}

export type StepEnding =
  | {
      type: "succeeded";
      startedAt: number;
      at: number;
      outputs: Record<string, SizedValue>;
      items?: number;
      hooks?: HookResult[];
    }
  | {
      type: "failed";
      startedAt: number;
      at: number;
      error: StepError;
      retryable: boolean;
      retryRequested?: { maxRetries: number; delayMs: number | null };
      hooks?: HookResult[];
    }
  /** It ended because its signal was raised. */
  | { type: "aborted"; at: number }
  /** Dropped before it began. */
  | { type: "not_begun"; at: number }
  /** This code has no such op (or job, for a job's hooks). */
  | { type: "unknown_op"; at: number };

/** One thing that a step process tells over IPC; they travel in batches. */
export type StepMessage =
  | { type: "item"; id: number; key: string; value: SizedValue }
  | { type: "progress"; id: number; at: number; fraction: number; message: string | null }
  | { type: "get_page"; id: number; request: number; input: string; offset: number }
  /** `records`: how many the step wrote to the record pipe; it has ended once they have been read. */
  | { type: "ended"; id: number; records: number; ending: StepEnding };

export type FromStepProcess =
  | { type: "ready"; ops: string[] }
  | { type: "cannot_start"; error: StepError }
  /** The process can take no more steps (an error escaped from a step): end it when those under way have ended. */
  | { type: "worn"; why: string }
  | { type: "batch"; messages: StepMessage[]; rssBytes: number };

/** The descriptor of the record pipe in a step process: 0–2 are the standard ones, 3 is IPC. */
export const RECORD_FD = 4;
/** Of the file in which it notes which steps have begun. */
export const BEGUN_FD = 5;

/**
 * A record on the record pipe, one JSON array a line. Written synchronously, so that what a step said is known even if
 * the process is killed in the next instruction. `text` is a whole message for "log", a piece of output otherwise. id
 * 0: no step, the process itself.
 */
export type OutputRecord = [id: number, at: number, stream: LogLine["stream"], level: LogLine["level"], text: string];
