import type { StepError } from "../core/errors";
import type { Report, StepAction, StoredValue } from "../core/messages";
import type { Stop } from "./attempt";
import type { StepOutcome } from "./ports";
import { storableError } from "./storable-text";

/** What of an attempt its end report depends on. */
export interface EndedAttempt {
  action: StepAction;
  stopReason: Stop | null;
  begunAt: number;
}

/** What an end report needs beside the step and its outcome. */
export interface EndFacts {
  worker: string;
  /** Of the process in which it ran: the worker's own where it reached no other. */
  pid: number;
  /** The slot in which it ran, if it did. */
  slot: string | undefined;
  now: number;
  random: number;
  /** The epoch that the worker knows of the step's shard. */
  epoch: number;
  /** Of a success: its outputs, as they travel. */
  outputs: Record<string, StoredValue>;
}

type ReleaseReason = Extract<Report, { type: "released" }>["reason"];

const timeoutError = ({ action }: EndedAttempt): StepError => ({
  name: "StepTimeout",
  code: "TIMEOUT",
  message: `Step "${action.step}" ran longer than its timeout of ${action.timeoutMs} ms and was stopped.`,
});

/**
 * The report of a step's end; null where the owner is not to hear of it (a revoked dispatch). A cancel, a timeout and
 * a revoke decide by themselves what is said; what a step did while it was being stopped does not count.
 */
export const endReport = (attempt: EndedAttempt, outcome: StepOutcome, facts: EndFacts): Report | null => {
  const { shard, run, step, fence } = attempt.action;
  const of = { shard, run, step, fence };
  const at = facts.now;
  const released = (reason: ReleaseReason): Report => ({
    ...of,
    type: "released",
    at,
    reason,
    ...(reason === "stale_epoch" && { epoch: facts.epoch }),
  });
  if (attempt.stopReason === "revoke") return null;
  if (attempt.stopReason === "cancel") return { ...of, type: "canceled", at };
  if (attempt.stopReason === "timeout") {
    const { worker, pid, slot, random } = facts;
    const error = timeoutError(attempt);
    return {
      ...of,
      type: "failed",
      startedAt: attempt.begunAt,
      at,
      worker,
      pid,
      slot,
      error,
      retryable: true,
      random,
    };
  }
  switch (outcome.type) {
    case "succeeded":
    case "failed":
    case "lost":
      return attempt.stopReason && outcome.type === "lost" ? released("drain") : ranReport(attempt, outcome, facts);
    case "neighbour":
      return released("neighbour");
    case "aborted":
      return released("drain");
    case "unknown_op":
      return released("unknown_op");
    case "not_begun":
      return released(reasonNotBegun(attempt));
  }
};

/** Without a reason of ours the pool gave it back: its code cannot be loaded, so it has no ops. */
const reasonNotBegun = ({ stopReason }: EndedAttempt): ReleaseReason => {
  if (stopReason === "bundle_late" || stopReason === "stale_epoch") return stopReason;
  return stopReason ? "drain" : "unknown_op";
};

type Ran = Extract<StepOutcome, { type: "succeeded" | "failed" | "lost" }>;

const ranReport = (attempt: EndedAttempt, outcome: Ran, { worker, pid, slot, random, outputs }: EndFacts): Report => {
  const { shard, run, step, fence } = attempt.action;
  const { startedAt, at } = outcome;
  if (outcome.type === "lost") {
    const { error, times } = outcome;
    const lost = { shard, run, step, fence, startedAt, at, worker, slot, type: "lost", random } as const;
    return { ...lost, error: storableError(error), ...(times !== undefined && { times }) };
  }
  const hooks = outcome.hooks?.map((hook) => ({ ...hook, error: hook.error && storableError(hook.error) }));
  if (outcome.type === "succeeded") {
    const { items } = outcome;
    // What is not there is left out by JSON: one literal costs a third of one that is put together.
    return { shard, run, step, fence, startedAt, at, worker, pid, slot, hooks, type: "succeeded", outputs, items };
  }
  const { error, retryable, retryRequested } = outcome;
  const failed = { shard, run, step, fence, startedAt, at, worker, pid, slot, hooks, type: "failed", random } as const;
  return { ...failed, error: storableError(error), retryable, retryRequested };
};
