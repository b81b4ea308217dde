import type { StepError } from "../core/errors";
import type { LogLine } from "../core/messages";
import type { EventRecord } from "../core/records";
import type { RunStatus, SkipReason, StepStatus } from "../core/status";

/** A step after `executeInProcess`. */
export interface InProcessStep {
  readonly status: StepStatus;
  /** Tries; 0 for a step that never began. */
  readonly attempts: number;
  readonly skipReason: SkipReason | null;
  readonly error: StepError | null;
}

export interface InProcessResult {
  readonly runId: string;
  readonly status: Extract<RunStatus, "SUCCESS" | "FAILURE" | "CANCELED">;
  /** Why the run failed, or null. */
  readonly error: StepError | null;
  /** By step key, e.g. `process_task[3]`. */
  readonly steps: Readonly<Record<string, InProcessStep>>;
  /** What `output` gives, of every step that succeeded, by step key. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /**
   * A step's output: the value, a record where the op names its outputs, a list of the items' values for a generator.
   * @throws Error if the step did not succeed.
   */
  output(step: string): unknown;
  readonly events: readonly EventRecord[];
  readonly logs: readonly { step: string; level: LogLine["level"]; text: string }[];
}
