import { MAX_RUNTIME_TAG } from "./deadline";
import type { StepError } from "./errors";
import type { Run } from "./run";

/** Why an ended run failed, by value: follows from its rows, so that a rebuilt actor knows it too. */
export const failureOf = (run: Run): StepError => {
  const seconds = (from: number): string => `${Math.round((run.endedAt! - from) / 100) / 10} s`;
  if (run.failureReason === "MAX_RUNTIME") {
    const allowed = run.record.tags[MAX_RUNTIME_TAG];
    return {
      name: "MaxRuntimeExceeded",
      code: "MAX_RUNTIME",
      message: `The run took ${seconds(run.startedAt!)}, longer than its max runtime of ${allowed} s.`,
    };
  }
  if (run.failureReason === "START_TIMEOUT")
    return {
      name: "StartTimeout",
      code: "START_TIMEOUT",
      message: `The run had not started ${seconds(run.record.createdAt)} after it was queued.`,
    };
  const [first, ...others] = run.failedSteps;
  return {
    name: "StepFailure",
    code: "STEP_FAILURE",
    message: `The step "${first}" failed${others.length > 0 ? `, and ${others.length} more` : ""}.`,
  };
};
