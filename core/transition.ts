import { assertNever } from "./assert-never";
import { cancel, failAtDeadline, finishIfDone, giveUp, stopAll } from "./ending";
import type { Change, RunEvent } from "./run-events";
import type { Run, Step } from "./run";
import { dispatch, fail, item, lose, progress, release, retry, start, stopped, succeed } from "./step-events";
import { runHasEnded, stepHasEnded } from "./status";
import { Turn } from "./turn";
import { decideAll } from "./unfold";

const NOTHING: readonly Change[] = [];

/**
 * Everything that can happen to a run. Deterministic: no clock, no randomness, no I/O; time and jitter arrive in the
 * event. Alters the given run in place (a copy would cost 156 ms an event at 100,000 children) and returns what
 * changed, to be committed in one statement; an actor whose commit failed is thrown away and rebuilt from its rows.
 * Repeated, late and stale events change nothing.
 */
export const transition = (run: Run, event: RunEvent): readonly Change[] => {
  const turn = new Turn(run, event.at);
  switch (event.type) {
    case "ADMITTED":
      admit(turn);
      break;
    case "RESUMED":
      resume(turn, event.owner);
      break;
    case "CANCEL_REQUESTED":
      cancel(turn);
      break;
    case "DEADLINE":
      failAtDeadline(turn, event.reason);
      break;
    case "GRACE_OVER":
      giveUp(turn);
      break;
    default: {
      const step = run.hook?.key === event.step ? run.hook : run.steps.get(event.step);
      if (step && !stepHasEnded(step.status)) ofStep(turn, step, event);
    }
  }
  finishIfDone(turn);
  return turn.changes.length === 0 ? NOTHING : turn.changes;
};

type StepEvent = Extract<RunEvent, { step: string }>;

const ofStep = (turn: Turn, step: Step, event: StepEvent): void => {
  if (event.type === "DISPATCHED") return dispatch(turn, step, event.fence);
  if (event.type === "RETRY_DUE") return retry(turn, step);
  // The fence is the identity of a dispatch: a report of any other tells of a try that no longer counts.
  if (!step.dispatched || step.fence !== event.fence) return;
  switch (event.type) {
    case "STARTED":
      return start(turn, step, event);
    case "ITEM":
      return item(turn, step, event);
    case "SUCCEEDED":
      return succeed(turn, step, event);
    case "FAILED":
      return fail(turn, step, event);
    case "LOST":
      return lose(turn, step, event);
    case "RELEASED":
      return release(turn, step, event.reason);
    case "STOPPED":
      return stopped(turn, step);
    case "PROGRESS":
      return progress(turn, step, event);
    default:
      return assertNever(event);
  }
};

const admit = (turn: Turn): void => {
  const { run } = turn;
  if (run.status !== "QUEUED") return;
  run.status = "STARTING";
  run.admittedAt = turn.at;
  turn.event("RUN_DEQUEUED", null);
  turn.event("RUN_STARTING", null);
  turn.runRow();
  decideAll(turn);
};

/** After a rebuild: what is decided already is asked for again, since orders are not kept anywhere but in the rows. */
const resume = (turn: Turn, owner: string): void => {
  const { run } = turn;
  if (run.hook) askAgain(turn, run.hook);
  if (runHasEnded(run.status) || run.status === "QUEUED") return;
  turn.event("RUN_OWNER_CHANGED", null, { owner });
  turn.runRow();
  if (run.ending) return stopAll(turn);
  for (const step of run.steps.values()) askAgain(turn, step);
  decideAll(turn);
};

const askAgain = (turn: Turn, step: Step): void => {
  if (step.ready) turn.push({ type: "ready", step });
  else if (step.status === "UP_FOR_RETRY") turn.push({ type: "retry", step, at: step.retryAt! });
};
