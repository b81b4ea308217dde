import type { StepError } from "../core/errors";
import type { JobHookContext } from "./context";
import type { JobDefinition } from "./job";
import type { Secrets } from "../core/secrets";
import { toStepError } from "./step-error";

/** Runs a job's hook for how the run ended. Never throws; null: it went well, or the job has none. */
export const performJobHook = async (
  job: JobDefinition,
  event: "success" | "failure",
  context: JobHookContext,
  secrets: Secrets,
): Promise<StepError | null> => {
  try {
    await job.hooks[event === "success" ? "onSuccess" : "onFailure"]?.(context);
    return null;
  } catch (error) {
    return toStepError(error, secrets).error;
  }
};
