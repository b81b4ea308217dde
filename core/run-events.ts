import type { StepError } from "./errors";
import type { HookResult, StoredValue } from "./messages";
import type { EventRecord, ItemRecord, StepRecord } from "./records";
import type { Step } from "./run";

interface OfStep {
  /** Step key. */
  step: string;
  /** A report counts only for the step's current fence. */
  fence: number;
  /** ms since the epoch: the core has no clock. */
  at: number;
}

/** What can happen to a run. */
export type RunEvent =
  /** A grant was given: the run may start. */
  | { type: "ADMITTED"; at: number }
  /** The actor was rebuilt by a (new) owner. */
  | { type: "RESUMED"; at: number; owner: string }
  /** The owner draws a fence for a ready step and is about to dispatch it. */
  | (OfStep & { type: "DISPATCHED" })
  | (OfStep & { type: "STARTED"; worker: string; pid: number; slot?: string })
  | (OfStep & { type: "ITEM"; key: string; value: StoredValue })
  | (OfStep & {
      type: "SUCCEEDED";
      startedAt: number;
      worker: string;
      pid: number;
      slot?: string;
      outputs: Record<string, StoredValue>;
      items?: number;
      hooks?: HookResult[];
    })
  | (OfStep & {
      type: "FAILED";
      startedAt: number;
      worker: string;
      pid: number;
      slot?: string;
      error: StepError;
      retryable: boolean;
      retryRequested?: { maxRetries: number; delayMs: number | null };
      random: number;
      hooks?: HookResult[];
    })
  /**
   * Its worker or step process vanished: counts only if it had started. `times`: deaths that it accounts for; absent:
   * this one.
   */
  | (OfStep & {
      type: "LOST";
      startedAt: number | null;
      worker?: string;
      slot?: string;
      error: StepError;
      times?: number;
    })
  | (OfStep & { type: "RELEASED"; reason: string })
  | (OfStep & { type: "STOPPED" })
  | (OfStep & { type: "PROGRESS"; fraction: number; message: string | null })
  | { type: "RETRY_DUE"; step: string; at: number }
  | { type: "CANCEL_REQUESTED"; at: number }
  /** The grace after a cancel or deadline has passed: what is still under way is given up. */
  | { type: "GRACE_OVER"; at: number }
  | { type: "DEADLINE"; reason: "MAX_RUNTIME" | "START_TIMEOUT"; at: number };

/** What an event changes: rows to commit, and what the owner shall do once they are committed. */
export type Change =
  /** The run's row is to be written. */
  | { type: "run" }
  | { type: "step"; step: Step; record: StepRecord }
  | { type: "item"; record: ItemRecord }
  | { type: "event"; record: EventRecord }
  /** The step may be dispatched. */
  | { type: "ready"; step: Step }
  /** RETRY_DUE is to come at this time. */
  | { type: "retry"; step: Step; at: number }
  /** Whoever holds this dispatch shall drop it. */
  | { type: "revoke"; step: Step; fence: number }
  /** The run's steps under way shall stop; GRACE_OVER is to come after the grace. */
  | { type: "stop" }
  /** Nothing is left to do for this run. */
  | { type: "ended" };
