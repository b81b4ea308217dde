import type { Run } from "./run";

/** Seconds from RUN_START after which a run fails; 0 or absent: none. Dagster's tag. */
export const MAX_RUNTIME_TAG = "dagster/max_runtime";
/** Seconds from RUN_ENQUEUED within which a run must have started; 0 or absent: none. */
export const START_TIMEOUT_TAG = "dqueue/start_timeout";

/** When a run must have ended or started, in ms since the epoch; null: never. From recorded times: takeovers do not renew it. */
export const deadlineOf = (run: Run): { at: number; reason: "MAX_RUNTIME" | "START_TIMEOUT" } | null => {
  const [tag, from, reason] =
    run.startedAt === null
      ? ([START_TIMEOUT_TAG, run.record.createdAt, "START_TIMEOUT"] as const)
      : ([MAX_RUNTIME_TAG, run.startedAt, "MAX_RUNTIME"] as const);
  const seconds = Number(run.record.tags[tag] ?? 0);
  return seconds > 0 ? { at: from + seconds * 1000, reason } : null;
};
