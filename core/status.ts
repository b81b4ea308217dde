/** Statuses of a run, in the order in which a run can meet them. Dagster's names; source: docs/concepts. */
export const RUN_STATUSES = ["QUEUED", "STARTING", "STARTED", "SUCCESS", "FAILURE", "CANCELING", "CANCELED"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = [
  "PENDING",
  "QUEUED",
  "STARTED",
  "UP_FOR_RETRY",
  "SUCCESS",
  "FAILURE",
  "SKIPPED",
  "CANCELED",
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** True of statuses that never change again. */
export const runHasEnded = (status: RunStatus): status is "SUCCESS" | "FAILURE" | "CANCELED" =>
  status === "SUCCESS" || status === "FAILURE" || status === "CANCELED";

/** True of statuses that never change again. */
export const stepHasEnded = (status: StepStatus): status is "SUCCESS" | "FAILURE" | "SKIPPED" | "CANCELED" =>
  status === "SUCCESS" || status === "FAILURE" || status === "SKIPPED" || status === "CANCELED";

/**
 * Why a step was skipped: an input's source failed, an optional input did not come,
 * or the step lies outside the selection of a re-execution.
 */
export type SkipReason = "UPSTREAM_FAILED" | "NO_OUTPUT" | "NOT_SELECTED";

/** Why a run failed. Dagster's RunFailureReason where it has one. */
export type RunFailureReason = "STEP_FAILURE" | "START_TIMEOUT" | "MAX_RUNTIME" | "JOB_INITIALIZATION_FAILURE";
