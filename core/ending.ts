import { deadlineOf } from "./deadline";
import { failureOf } from "./failure";
import { newHook } from "./hook";
import type { Step } from "./run";
import { runHasEnded, stepHasEnded } from "./status";
import { endCanceled } from "./step-events";
import type { Turn } from "./turn";
import { errorAsJson } from "./turn";
import { makeReady } from "./unfold";

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
  // A deadline for its start says nothing any more once it has started.
  if (runHasEnded(run.status) || run.ending || deadlineOf(run)?.reason !== reason) return;
  run.ending = reason;
  stopAll(turn);
  // Unlike a cancel, a deadline has come already: the run does not wait for steps that may ignore their signal.
  giveUp(turn);
};

/** The grace is over: steps that have not answered are given up. */
export const giveUp = (turn: Turn): void => {
  if (!turn.run.ending) return;
  for (const step of turn.run.steps.values()) if (!stepHasEnded(step.status)) endCanceled(turn, step);
};

/** Of a run that is ending: drops what has not begun and asks what is under way to stop. */
export const stopAll = (turn: Turn): void => {
  let underWay = false;
  for (const step of turn.run.steps.values()) {
    if (step.status === "STARTED") underWay = true;
    else if (!stepHasEnded(step.status)) dropUnbegun(turn, step);
  }
  if (underWay) turn.push({ type: "stop" });
};

const dropUnbegun = (turn: Turn, step: Step): void => {
  if (step.dispatched) turn.push({ type: "revoke", step, fence: step.fence });
  if (step.status !== "PENDING") return endCanceled(turn, step);
  // A step without a row never was: it leaves none.
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
    run.error = failureOf(run);
    turn.event("RUN_FAILURE", null, { reason: run.failureReason, error: errorAsJson(run.error) });
  } else {
    run.status = "SUCCESS";
    turn.event("RUN_SUCCESS", null);
  }
  run.hook = newHook(run);
  turn.runRow();
  if (run.hook) makeReady(turn, run.hook);
  else turn.push({ type: "ended" });
};
