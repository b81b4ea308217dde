import { deadlineOf } from "./deadline";
import type { StepError } from "./errors";
import type { Json, JsonObject } from "./json";
import type { HookResult } from "./messages";
import { retryDelayMs } from "./retry";
import type { RunEvent } from "./run-events";
import type { Fan, Step } from "./run";
import type { Turn } from "./turn";
import { errorAsJson } from "./turn";
import { generatorHasFailed, makeReady, settle, skip, unfold } from "./unfold";

type Of<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** A step that was lost this often while it ran is poison: it takes whatever runs it down with it. */
export const MAX_LOST = 3;

export const dispatch = (turn: Turn, step: Step, fence: number): void => {
  if (!step.ready) return;
  step.ready = false;
  step.dispatched = true;
  step.status = "QUEUED";
  step.fence = fence;
  step.queuedAt = turn.at;
  step.retryAt = null;
  step.worker = null;
  step.slot = null;
  step.progressAt = 0;
  if (step.fan) {
    step.fan.seen = 0;
    step.fan.success = null;
  }
  turn.step(step);
  turn.event("STEP_QUEUED", step, { attempt: step.attempt, queue: step.node.spec.queue });
};

export const start = (turn: Turn, step: Step, event: Of<"STARTED">): void => {
  if (step.status === "STARTED") return;
  const { at: startedAt, worker, pid, slot } = event;
  begin(turn, step, { startedAt, worker, pid, slot });
  turn.step(step);
};

interface Beginning {
  startedAt: number;
  worker?: string;
  pid?: number;
  slot?: string;
}

/** A short step's start arrives together with its end. */
const begin = (turn: Turn, step: Step, how: Beginning): void => {
  if (step.status === "STARTED") return;
  const { run } = turn;
  const { startedAt: at, worker = null, pid = null, slot = null } = how;
  if (run.status === "STARTING") {
    run.status = "STARTED";
    run.startedAt = at;
    turn.event("RUN_START", null, null, at);
    turn.runRow();
  }
  const type = step.startedAt === null ? "STEP_START" : "STEP_RESTARTED";
  const data = { attempt: step.attempt, worker, pid, slot };
  step.status = "STARTED";
  step.startedAt = at;
  step.worker = worker;
  step.slot = slot;
  turn.event(type, step, step.lost > 0 ? { ...data, lost: step.lost } : data, at);
};

/** One item of a generator: unique by key, the first commit wins. Its children unfold while the generator runs. */
export const item = (turn: Turn, step: Step, event: Of<"ITEM">): void => {
  const { fan } = step;
  if (!fan) return;
  const known = fan.keys.get(event.key);
  if (known === step.fence) return;
  if (known === undefined) {
    turn.push({
      type: "item",
      record: { run: turn.run.record.id, step: step.key, key: event.key, ordinal: fan.keys.size, value: event.value },
    });
    fan.keys.set(event.key, step.fence);
    if (!turn.run.ending) unfold(turn, step.node.children, [...step.path, event.key]);
  } else fan.keys.set(event.key, step.fence);
  fan.seen++;
  finishGenerator(turn, step, fan);
};

export const succeed = (turn: Turn, step: Step, event: Of<"SUCCEEDED">): void => {
  if (!step.fan) return endWell(turn, step, event);
  step.fan.success = event;
  finishGenerator(turn, step, step.fan);
};

/** A generator's success counts once its items are all here: a broken link may have made them go again, behind it. */
const finishGenerator = (turn: Turn, step: Step, { success, seen, keys }: Fan): void => {
  const items = success?.items ?? 0;
  if (!success || seen < items) return;
  if (keys.size === items) return endWell(turn, step, success);
  begin(turn, step, success);
  endBadly(turn, step, fanOutChanged(step, keys, keys.size - items));
};

const fanOutChanged = (step: Step, keys: Fan["keys"], left: number): StepError => {
  const names = [...keys].filter(([, fence]) => fence !== step.fence).map(([key]) => key);
  const which = names.length === 0 ? "" : ` (${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""})`;
  return {
    name: "FanOutChanged",
    code: "FAN_OUT_CHANGED",
    message:
      `The generator ran again and left out ${left} of the items that it had yielded before${which}. ` +
      `Their steps may have run: yield every key of ctx.committedKeys again.`,
  };
};

const endWell = (turn: Turn, step: Step, event: Of<"SUCCEEDED">): void => {
  begin(turn, step, event);
  step.status = "SUCCESS";
  step.dispatched = false;
  step.endedAt = event.at;
  const missing = step.fan ? [] : step.node.spec.outputs.filter(({ name }) => !Object.hasOwn(event.outputs, name));
  if (missing.length > 0) step.missing = new Set(missing.map(({ name }) => name));
  for (const name of Object.keys(event.outputs)) turn.event("STEP_OUTPUT", step, { output: name }, event.at);
  if (step.fan) turn.event("STEP_OUTPUT", step, { output: "result", items: step.fan.keys.size }, event.at);
  turn.step(step, { outputs: event.outputs });
  turn.event("STEP_SUCCESS", step, null, event.at);
  hooks(turn, step, event.hooks);
  ended(turn, step);
};

export const fail = (turn: Turn, step: Step, event: Of<"FAILED">): void => {
  begin(turn, step, event);
  const policy = step.node.spec.retry;
  const maxRetries = event.retryRequested?.maxRetries ?? policy.maxRetries;
  if (event.retryable && step.attempt <= maxRetries && !isEnding(turn, step) && !generatorHasFailed(turn.run, step)) {
    const delay = event.retryRequested?.delayMs ?? retryDelayMs(policy, step.attempt, event.random);
    const due = event.at + delay;
    const deadline = deadlineOf(turn.run);
    if (!deadline || due < deadline.at) return upForRetry(turn, step, due, event.error);
  }
  endBadly(turn, step, event.error, event.at);
  hooks(turn, step, event.hooks);
};

const upForRetry = (turn: Turn, step: Step, due: number, error: StepError): void => {
  step.status = "UP_FOR_RETRY";
  step.dispatched = false;
  step.retryAt = due;
  step.attempt++;
  turn.step(step, { error });
  turn.event("STEP_UP_FOR_RETRY", step, {
    ...attemptOf(step),
    ...{ retry_at: due, attempt: step.attempt, error: errorAsJson(error) },
  });
  turn.push({ type: "retry", step, at: due });
};

export const retry = (turn: Turn, step: Step): void => {
  if (step.status !== "UP_FOR_RETRY" || step.ready || turn.at < step.retryAt!) return;
  makeReady(turn, step);
};

/** `lost` rises only for a step that had started; one that had not is simply dispatched again. */
export const lose = (turn: Turn, step: Step, event: Of<"LOST">): void => {
  const { startedAt, worker, slot } = event;
  if (startedAt !== null) begin(turn, step, { startedAt, worker, slot });
  if (step.status !== "STARTED") return release(turn, step, "lost");
  step.lost += event.times ?? 1;
  turn.event("STEP_LOST", step, { ...attemptOf(step), lost: step.lost, error: errorAsJson(event.error) });
  if (step.lost >= MAX_LOST)
    return endBadly(turn, step, {
      name: "StepLost",
      code: "STEP_LOST",
      message: `Lost ${step.lost} times while it ran, the last time so: ${event.error.message}`,
      cause: event.error,
    });
  backToQueue(turn, step);
};

/** Given back without blame. A step that had begun says so in its events. */
export const release = (turn: Turn, step: Step, reason: string): void => {
  if (step.status === "STARTED") turn.event("STEP_RELEASED", step, { ...attemptOf(step), reason });
  backToQueue(turn, step);
};

/** What its row will not tell any more once the next attempt begins. */
const attemptOf = ({ startedAt, worker, slot }: Step): JsonObject => ({ started_at: startedAt, worker, slot });

const backToQueue = (turn: Turn, step: Step): void => {
  step.dispatched = false;
  if (isEnding(turn, step)) return endCanceled(turn, step);
  if (generatorHasFailed(turn.run, step)) return skip(turn, step, "UPSTREAM_FAILED");
  step.status = "QUEUED";
  // So that the row tells that no dispatch is out: a late report of this one must not count under a new owner either.
  step.queuedAt = null;
  turn.step(step);
  makeReady(turn, step);
};

/** A worker says that it has stopped a canceled step. */
export const stopped = (turn: Turn, step: Step): void =>
  isEnding(turn, step) ? endCanceled(turn, step) : release(turn, step, "canceled");

export const progress = (turn: Turn, step: Step, event: Of<"PROGRESS">): void => {
  if (event.at <= step.progressAt) return;
  step.progressAt = event.at;
  turn.event("STEP_PROGRESS", step, { fraction: event.fraction, message: event.message });
};

/** True of steps of a run that is ending; its hook comes after that. */
const isEnding = ({ run }: Turn, step: Step): boolean => run.ending !== null && step !== run.hook;

export const endCanceled = (turn: Turn, step: Step): void => {
  step.status = "CANCELED";
  step.dispatched = step.ready = false;
  step.retryAt = null;
  step.endedAt = turn.at;
  turn.step(step);
  turn.event("STEP_CANCELED", step);
  ended(turn, step);
};

const endBadly = (turn: Turn, step: Step, error: StepError, at = turn.at): void => {
  step.status = "FAILURE";
  step.dispatched = false;
  step.endedAt = at;
  turn.step(step, { error });
  turn.event("STEP_FAILURE", step, { error: errorAsJson(error) }, at);
  ended(turn, step);
};

const hooks = (turn: Turn, step: Step, results: readonly HookResult[] = []): void => {
  for (const { hook, event, error } of results)
    if (error) turn.event("HOOK_ERRORED", step, { hook, event, error: errorAsJson(error) as Json });
    else turn.event("HOOK_COMPLETED", step, { hook, event });
};

const ended = (turn: Turn, step: Step): void => {
  const { run } = turn;
  if (step === run.hook) {
    run.hook = null;
    turn.event(step.status === "SUCCESS" ? "HOOK_COMPLETED" : "HOOK_ERRORED", step);
    turn.runRow();
    turn.push({ type: "ended" });
    return;
  }
  if (step.status === "SUCCESS") run.succeeded++;
  if (step.status === "FAILURE") {
    run.failed++;
    if (step.node.spec.blocking) run.failedSteps.push(step.key);
  }
  settle(turn, step);
};
