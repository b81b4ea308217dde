import { deadlineOf } from "./deadline";
import type { StepError } from "./errors";
import type { Json } from "./json";
import type { HookResult } from "./messages";
import { retryDelayMs } from "./retry";
import type { RunEvent } from "./run-events";
import type { Step } from "./run";
import type { Turn } from "./turn";
import { errorAsJson } from "./turn";
import { generatorHasFailed, settle, skip, unfold } from "./unfold";

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
  step.startedAt = null;
  step.retryAt = null;
  step.worker = null;
  if (step.fan) {
    step.fan.seen = 0;
    step.fan.finish = null;
  }
  turn.step(step);
  turn.event("STEP_QUEUED", step, { attempt: step.attempt, queue: step.node.spec.queue });
};

export const start = (turn: Turn, step: Step, event: { at: number; worker: string; pid: number }): void => {
  if (step.status === "STARTED") return;
  begin(turn, step, event.at, event.worker, event.pid);
  turn.step(step);
};

/** A short step's start arrives together with its end. */
const begin = (turn: Turn, step: Step, at: number, worker: string, pid: number): void => {
  if (step.status === "STARTED") return;
  const { run } = turn;
  if (run.status === "STARTING") {
    run.status = "STARTED";
    run.startedAt = at;
    turn.event("RUN_START", null, null, at);
    turn.runRow();
  }
  step.status = "STARTED";
  step.startedAt = at;
  step.worker = worker;
  const data = { attempt: step.attempt, worker, pid };
  turn.event(
    step.begun ? "STEP_RESTARTED" : "STEP_START",
    step,
    step.lost > 0 ? { ...data, lost: step.lost } : data,
    at,
  );
  step.begun = true;
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
  if (fan.finish && fan.seen === fan.finish.items) endGenerator(turn, step, fan.finish.success);
};

export const succeed = (turn: Turn, step: Step, event: Of<"SUCCEEDED">): void => {
  const { fan } = step;
  const items = event.items ?? 0;
  // Its items may come after it, where a broken link made them go again: it counts once they are all here.
  if (fan && fan.seen < items) fan.finish = { items, success: event };
  else if (fan) endGenerator(turn, step, event);
  else endWell(turn, step, event);
};

const endGenerator = (turn: Turn, step: Step, event: Of<"SUCCEEDED">): void => {
  const { keys, seen } = step.fan!;
  if (keys.size === seen) return endWell(turn, step, event);
  const left = [...keys].filter(([, fence]) => fence !== step.fence).map(([key]) => key);
  begin(turn, step, event.startedAt, event.worker, event.pid);
  endBadly(turn, step, {
    name: "FanOutChanged",
    code: "FAN_OUT_CHANGED",
    message:
      `The generator ran again and left out ${left.length} of the items that it had yielded before ` +
      `(${left.slice(0, 5).join(", ")}${left.length > 5 ? ", …" : ""}). Their steps may have run: ` +
      `yield every key of ctx.committedKeys again.`,
  });
};

const endWell = (turn: Turn, step: Step, event: Of<"SUCCEEDED">): void => {
  begin(turn, step, event.startedAt, event.worker, event.pid);
  step.status = "SUCCESS";
  step.dispatched = false;
  step.endedAt = event.at;
  const missing = step.fan ? [] : step.node.spec.outputs.filter(({ name }) => !(name in event.outputs));
  if (missing.length > 0) step.missing = new Set(missing.map(({ name }) => name));
  for (const name of Object.keys(event.outputs)) turn.event("STEP_OUTPUT", step, { output: name }, event.at);
  if (step.fan) turn.event("STEP_OUTPUT", step, { output: "result", items: step.fan.keys.size }, event.at);
  turn.step(step, { outputs: event.outputs });
  turn.event("STEP_SUCCESS", step, null, event.at);
  hooks(turn, step, event.hooks);
  ended(turn, step);
};

export const fail = (turn: Turn, step: Step, event: Of<"FAILED">): void => {
  const { run } = turn;
  begin(turn, step, event.startedAt, event.worker, event.pid);
  const policy = step.node.spec.retry;
  const maxRetries = event.retryRequested?.maxRetries ?? policy.maxRetries;
  if (event.retryable && step.attempt <= maxRetries && !run.ending && !generatorHasFailed(run, step)) {
    const delay = event.retryRequested?.delayMs ?? retryDelayMs(policy, step.attempt, event.random);
    const due = event.at + delay;
    const deadline = deadlineOf(run);
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
  turn.event("STEP_UP_FOR_RETRY", step, { retry_at: due, attempt: step.attempt, error: errorAsJson(error) });
  turn.push({ type: "retry", step, at: due });
};

export const retry = (turn: Turn, step: Step): void => {
  if (step.status !== "UP_FOR_RETRY" || step.ready || turn.at < step.retryAt!) return;
  makeReady(turn, step);
};

/** `lost` rises only for a step that had started; one that had not is simply dispatched again. */
export const lose = (turn: Turn, step: Step, event: Of<"LOST">): void => {
  if (step.status !== "STARTED" && event.startedAt === null) return release(turn, step, "lost");
  if (step.status !== "STARTED") begin(turn, step, event.startedAt!, step.worker ?? "unknown", 0);
  step.lost++;
  turn.event("STEP_LOST", step, { lost: step.lost, error: errorAsJson(event.error) });
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
  if (step.status === "STARTED") turn.event("STEP_RELEASED", step, { reason });
  backToQueue(turn, step);
};

const backToQueue = (turn: Turn, step: Step): void => {
  step.dispatched = false;
  if (turn.run.ending && step !== turn.run.hook) return endCanceled(turn, step);
  if (generatorHasFailed(turn.run, step)) return skip(turn, step, "UPSTREAM_FAILED");
  step.status = "QUEUED";
  turn.step(step);
  makeReady(turn, step);
};

const makeReady = (turn: Turn, step: Step): void => {
  step.ready = true;
  step.readyAt = turn.at;
  turn.push({ type: "ready", step });
};

/** A worker says that it has stopped a canceled step. */
export const stopped = (turn: Turn, step: Step): void =>
  turn.run.ending ? endCanceled(turn, step) : release(turn, step, "canceled");

export const progress = (turn: Turn, step: Step, event: Of<"PROGRESS">): void =>
  turn.event("STEP_PROGRESS", step, { fraction: event.fraction, message: event.message });

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
