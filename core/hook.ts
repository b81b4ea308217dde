import type { Plan, PlanNode } from "./plan";
import type { Run, Step } from "./run";
import { newStep } from "./run";

/** Milliseconds that a job hook may take. */
const HOOK_TIMEOUT_MS = 60_000;

/** Step key of a job's hook. No op's step key has a colon. */
export const hookKey = (job: string, event: "success" | "failure"): string => `${job}:on_${event}`;

/** The hook that the job of an ended run has for how it ended; null: none. */
export const newHook = (run: Run): Step | null => {
  const { onSuccess, onFailure } = run.plan.graph.hooks;
  if (run.status === "SUCCESS" && onSuccess) return newStep(hookNode(run.plan, "success"), []);
  if (run.status === "FAILURE" && onFailure) return newStep(hookNode(run.plan, "failure"), []);
  return null;
};

/** A job hook as a node of its own: dispatched like a step, at least once, outside the run's status. */
const hookNode = (plan: Plan, event: "success" | "failure"): PlanNode => {
  const name = hookKey(plan.graph.job, event);
  return {
    spec: {
      name,
      op: name,
      scope: [],
      dynamic: false,
      outputs: [],
      inputs: [],
      after: [],
      config: null,
      retry: { maxRetries: 0, delayMs: 0, backoff: null, jitter: null },
      timeoutMs: HOOK_TIMEOUT_MS,
      queue: "default",
      priority: 5,
      pool: null,
      tags: {},
      blocking: false,
    },
    scope: [],
    inputs: [],
    after: [],
    waits: [],
    readers: [],
    collectors: [],
    children: [],
  };
};
