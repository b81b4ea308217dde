import type { Moment } from "./past-state";
import { CODE, type Steps } from "./steps";

/** How long steps of a node ran. Milliseconds. */
export interface Durations {
  /** Of successes, rising. */
  sorted: Float64Array;
  min: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Of the successes among some steps by then; null: there are none. */
export const durationsOf = (steps: Steps, of: readonly number[], { at }: Moment): Durations | null => {
  const found = new Float64Array(of.length);
  let n = 0;
  for (const step of of)
    if (steps.status[step] === CODE.SUCCESS && steps.ended[step]! <= at && steps.started[step]! <= steps.ended[step]!)
      found[n++] = steps.ended[step]! - steps.started[step]!;
  if (n === 0) return null;
  const sorted = found.subarray(0, n).sort();
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * n) - 1)]!;
  return { sorted, min: sorted[0]!, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), max: sorted[n - 1]! };
};

export type Reason = "failed" | "retrying" | "slowest" | "newest" | "next";
/** How many of each are worth a row of their own. */
const MOST: Readonly<Record<Reason, number>> = { failed: 3, retrying: 2, slowest: 2, newest: 2, next: 1 };

/** The steps of a large group that are worth a row, each once, for the first reason that it has. */
export const outliersOf = (steps: Steps, of: readonly number[], { at, status }: Moment): Map<number, Reason> => {
  const chosen = new Map<number, Reason>();
  const choose = (reason: Reason, code: readonly number[], rank: (step: number) => number): void => {
    for (const step of largest(of, MOST[reason], (step) =>
      code.includes(status[step]!) && !chosen.has(step) ? rank(step) : NaN,
    ))
      chosen.set(step, reason);
  };
  const took = (step: number): number => Math.min(at, steps.ended[step]! || Infinity) - steps.started[step]!;
  choose("failed", [CODE.FAILURE], (step) => steps.ended[step]!);
  choose("retrying", [CODE.UP_FOR_RETRY], (step) => -steps.retry[step]!);
  choose("slowest", [CODE.SUCCESS, CODE.STARTED], took);
  choose("newest", [CODE.STARTED], (step) => steps.started[step]!);
  choose("next", [CODE.QUEUED], (step) => -(steps.queued[step]! || steps.ready[step]!));
  return chosen;
};

/** The few that rank highest, highest first, in one pass; NaN: not at all. */
const largest = (of: readonly number[], most: number, rank: (step: number) => number): number[] => {
  const found: { step: number; rank: number }[] = [];
  for (const step of of) {
    const own = rank(step);
    if (Number.isNaN(own) || (found.length === most && own <= found[most - 1]!.rank)) continue;
    const place = found.findIndex(({ rank: other }) => other < own);
    found.splice(place < 0 ? found.length : place, 0, { step, rank: own });
    if (found.length > most) found.pop();
  }
  return found.map(({ step }) => step);
};
