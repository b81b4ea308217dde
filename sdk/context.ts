import type { StepError } from "../core/errors";
import type { Json } from "../core/json";
import type { LogLine } from "../core/messages";

export type LogLevel = LogLine["level"];
type Write = (message: string, fields?: Record<string, unknown>) => void;

/** A step's log. `log("…")` is `log.info("…")`; fields are appended as JSON. */
export type Log = Write & Readonly<Record<LogLevel, Write>>;

/** What a step knows of itself. */
export interface StepContext<Config, Resources> {
  readonly config: Config;
  readonly log: Log;
  /** Aborted when the step is canceled or its time is up: stop then. */
  readonly signal: AbortSignal;
  readonly resources: Resources;
  readonly job: string;
  readonly runId: string;
  /** E.g. `process_task[3]`. */
  readonly stepKey: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The run's tags with the step's over them. */
  readonly tags: Readonly<Record<string, string>>;
  /** Rises with each dispatch of the step: guard effects outside of dqueue with it. */
  readonly fence: number;
  /**
   * Names this execution to what it calls, so that their spans join its trace (W3C Trace Context); null where traces are
   * off.
   */
  readonly traceparent: string | null;
}

/** What an op's `run` gets. */
export interface OpContext<Config, Input, Resources> extends StepContext<Config, Resources> {
  readonly input: Input;
  /** Tells how far the step is: `progress(0.4, "half of the files")`; 0 to 1. */
  readonly progress: (fraction: number, message?: string) => void;
  /**
   * Of a generator that runs again after a loss or for a retry: keys that are committed already. All of them must be
   * yielded again; their first values stand.
   */
  readonly committedKeys: readonly string[];
}

/** What an op's hook gets, after the step has succeeded or failed for good. */
export interface OpHookContext<Config, Resources> extends Omit<StepContext<Config, Resources>, "signal"> {
  readonly op: string;
  /** By output name; null for a failure and for generators. */
  readonly outputs: Readonly<Record<string, unknown>> | null;
  /** null for a success. */
  readonly error: StepError | null;
}

/** What a job's hook gets, after the run has ended. */
export interface JobHookContext {
  readonly job: string;
  readonly runId: string;
  readonly config: Readonly<Record<string, Json>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly log: Log;
  /** As a step has it. */
  readonly traceparent: string | null;
  /** Keys of the steps that failed. */
  readonly failedSteps: readonly string[];
  /** null for a success. */
  readonly error: StepError | null;
}

export type JobHook = (context: JobHookContext) => unknown;

/** Makes a `Log` of one function that takes a finished line. */
export const logTo = (write: (level: LogLevel, text: string) => void): Log => {
  const at =
    (level: LogLevel): Write =>
    (message, fields) =>
      write(level, fields === undefined ? String(message) : `${message} ${fieldsAsJson(fields)}`);
  return Object.assign(at("info"), { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
};

// A log line must never fail the step that writes it.
const fieldsAsJson = (fields: Record<string, unknown>): string => {
  try {
    return JSON.stringify(fields, (_key, value: unknown) => {
      if (typeof value === "bigint") return value.toString();
      return value instanceof Error ? `${value.name}: ${value.message}` : value;
    });
  } catch {
    return "(fields that JSON cannot carry)";
  }
};
