import type { StepError } from "./errors";
import type { Json, JsonObject } from "./json";
import type { StoredValue } from "./messages";
import type { EventType, RunChange, StepRecord } from "./records";
import type { Run, Step } from "./run";
import type { Change } from "./run-events";

/** The changes of one event, in order. */
export class Turn {
  readonly changes: Change[] = [];
  /** Steps that have ended and whose readers do not know yet; null: nobody is telling them. */
  untold: Step[] | null = null;

  constructor(
    readonly run: Run,
    readonly at: number,
  ) {}

  event(type: EventType, step: Step | null, data: JsonObject | null = null, at = this.at): void {
    const { run } = this;
    this.changes.push({
      type: "event",
      record: { run: run.record.id, seq: ++run.seq, at, type, step: step?.key ?? null, data },
    });
  }

  /** Writes the step's row as it stands now. */
  step(step: Step, more: { error?: StepError | null; outputs?: Record<string, StoredValue> } = {}): void {
    this.changes.push({
      type: "step",
      step,
      record: stepRecord(this.run, step, more.error ?? null, more.outputs ?? null),
    });
  }

  /** Writes the run's row; the owner reads it at commit, so that many changes make one row. */
  runRow(): void {
    this.changes.push({ type: "run" });
  }

  push(change: Change): void {
    this.changes.push(change);
  }
}

/** The run's row as it stands now. */
export const runChange = (run: Run): RunChange => ({
  id: run.record.id,
  job: run.record.job,
  createdAt: run.record.createdAt,
  status: run.status,
  admittedAt: run.admittedAt,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  failureReason: run.failureReason,
  error: run.error,
  seq: run.seq,
  hooksOpen: run.hook !== null,
  stepsSucceeded: run.succeeded,
  stepsFailed: run.failed,
  stepsTotal: run.steps.size,
});

const stepRecord = (
  run: Run,
  step: Step,
  error: StepError | null,
  outputs: Record<string, StoredValue> | null,
): StepRecord => ({
  run: run.record.id,
  step: step.key,
  node: step.node.spec.name,
  path: step.path,
  status: step.status,
  attempt: step.attempt,
  lost: step.lost,
  fence: step.fence,
  worker: step.worker,
  slot: step.slot,
  queue: step.node.spec.queue,
  priority: step.node.spec.priority,
  pool: step.node.spec.pool,
  readyAt: step.readyAt,
  queuedAt: step.queuedAt,
  startedAt: step.startedAt,
  endedAt: step.endedAt,
  retryAt: step.retryAt,
  skipReason: step.skipReason,
  error,
  outputs,
  items: step.fan && step.status === "SUCCESS" ? step.fan.keys.size : null,
  reusedFrom: step.reusedFrom,
});

/** An error by value as plain JSON, for an event's data. */
export const errorAsJson = (error: StepError): JsonObject => {
  const json: JsonObject = { name: error.name, message: error.message };
  for (const field of ["code", "stack", "metadata"] as const)
    if (error[field] !== undefined) json[field] = error[field] as Json;
  if (error.cause) json.cause = errorAsJson(error.cause);
  return json;
};
