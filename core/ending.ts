import type { StepError } from "./errors";
import { hookNode } from "./hook";
import type { Run, Step } from "./run";
import { newStep } from "./run";
import { runHasEnded, stepHasEnded } from "./status";
import { endCanceled } from "./step-events";
import type { Turn } from "./turn";
import { errorAsJson } from "./turn";

/** A cancel: what has not begun never begins; what is under way is asked to stop. */
export const cancel = (turn: Turn): void => {
  const { run } = turn;
  if (runHasEnded(run.status) || run.ending) return;
  run.ending = "CANCELED";
  run.status = "CANCELING";
  turn.event("RUN_CANCELING", null);
  turn.runRow();
  stopAll(turn);
};

/** A run that did not start in time, or runs too long, fails at once; its steps are stopped behind it. */
export const failAtDeadline = (turn: Turn, reason: "MAX_RUNTIME" | "START_TIMEOUT"): void => {
  const { run } = turn;
  if (runHasEnded(run.status) || run.ending) return;
  if (reason === "START_TIMEOUT" && run.startedAt !== null) return;
  run.ending = reason;
  stopAll(turn);
  // Unlike a cancel, a deadline has come already: the run does not wait for steps that may ignore their signal.
  giveUp(turn);
};

/** The grace is over: steps that have not answered are given up. */
export const giveUp = (turn: Turn): void => {
  const { run } = turn;
  if (!run.ending || runHasEnded(run.status)) return;
  for (const step of run.steps.values()) if (!stepHasEnded(step.status)) endCanceled(turn, step);
};

const stopAll = (turn: Turn): void => {
  let underWay = false;
  for (const step of turn.run.steps.values()) {
    if (stepHasEnded(step.status)) continue;
    if (step.status === "STARTED" && step.dispatched) underWay = true;
    else dropUnbegun(turn, step);
  }
  if (underWay) turn.push({ type: "stop" });
};

/** A step without a row never was: it leaves none. */
const dropUnbegun = (turn: Turn, step: Step): void => {
  if (step.dispatched) turn.push({ type: "revoke", step, fence: step.fence });
  if (step.status !== "PENDING") return endCanceled(turn, step);
  step.status = "CANCELED";
  step.ready = false;
  step.endedAt = turn.at;
  turn.run.open--;
};

/** Ends the run once none of its steps is open. */
export const finishIfDone = (turn: Turn): void => {
  const { run } = turn;
  if (run.open > 0 || runHasEnded(run.status) || (run.status === "QUEUED" && !run.ending)) return;
  run.endedAt = turn.at;
  if (run.ending === "CANCELED") {
    run.status = "CANCELED";
    turn.event("RUN_CANCELED", null);
  } else if (run.ending || run.failedSteps.length > 0) {
    run.status = "FAILURE";
    run.failureReason = run.ending ?? "STEP_FAILURE";
    run.error = failure(run);
    turn.event("RUN_FAILURE", null, { reason: run.failureReason, error: errorAsJson(run.error) });
  } else {
    run.status = "SUCCESS";
    turn.event("RUN_SUCCESS", null);
  }
  turn.runRow();
  if (startHook(run, turn)) return;
  turn.push({ type: "ended" });
};

const startHook = (run: Run, turn: Turn): boolean => {
  const { onSuccess, onFailure } = run.plan.graph.hooks;
  const hooked = run.status === "SUCCESS" ? onSuccess : run.status === "FAILURE" && onFailure;
  if (!hooked) return false;
  const hook: Step = newStep(hookNode(run.plan, run.status === "SUCCESS" ? "success" : "failure"), []);
  hook.ready = true;
  hook.readyAt = turn.at;
  run.hook = hook;
  turn.push({ type: "ready", step: hook });
  return true;
};

const failure = (run: Run): StepError => {
  const seconds = (from: number): string => `${Math.round((run.endedAt! - from) / 100) / 10} s`;
  if (run.ending === "MAX_RUNTIME")
    return {
      name: "MaxRuntimeExceeded",
      code: "MAX_RUNTIME",
      message: `The run took ${seconds(run.startedAt!)}, longer than its max runtime of ${run.record.tags["dagster/max_runtime"]} s.`,
    };
  if (run.ending === "START_TIMEOUT")
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
