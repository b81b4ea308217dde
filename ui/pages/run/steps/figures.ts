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
  const { status, started, ended } = steps;
  const { SUCCESS } = CODE;
  const found = new Float64Array(of.length);
  let n = 0;
  for (const step of of)
    if (status[step] === SUCCESS && ended[step]! <= at && started[step]! <= ended[step]!)
      found[n++] = ended[step]! - started[step]!;
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
  const [failed, retrying, slowest] = [new Highest(MOST.failed), new Highest(MOST.retrying), new Highest(MOST.slowest)];
  // Some of the newest may be the slowest, too.
  const [newest, next] = [new Highest(MOST.newest + MOST.slowest), new Highest(MOST.next)];
  const { ready, queued, started, ended, retry } = steps;
  const { FAILURE, UP_FOR_RETRY, QUEUED, SUCCESS, STARTED } = CODE;
  for (const step of of) {
    const code = status[step]!;
    if (code === SUCCESS || code === STARTED)
      slowest.offer(step, Math.min(at, ended[step]! || Infinity) - started[step]!);
    if (code === STARTED) newest.offer(step, started[step]!);
    else if (code === FAILURE) failed.offer(step, ended[step]!);
    else if (code === UP_FOR_RETRY) retrying.offer(step, -retry[step]!);
    else if (code === QUEUED) next.offer(step, -(queued[step]! || ready[step]!));
  }
  const chosen = new Map<number, Reason>();
  const choose = (reason: Reason, found: readonly number[]): void =>
    found
      .filter((step) => !chosen.has(step))
      .slice(0, MOST[reason])
      .forEach((step) => chosen.set(step, reason));
  choose("failed", failed.steps);
  choose("retrying", retrying.steps);
  choose("slowest", slowest.steps);
  choose("newest", newest.steps);
  choose("next", next.steps);
  return chosen;
};

/** The few steps that rank highest, highest first. */
class Highest {
  readonly steps: number[] = [];
  private readonly ranks: number[] = [];

  constructor(private readonly most: number) {}

  /** @param rank NaN: not at all. */
  offer(step: number, rank: number): void {
    const { steps, ranks, most } = this;
    if (Number.isNaN(rank) || (ranks.length === most && rank <= ranks[most - 1]!)) return;
    const place = ranks.findIndex((other) => other < rank);
    steps.splice(place < 0 ? steps.length : place, 0, step);
    ranks.splice(place < 0 ? ranks.length : place, 0, rank);
    if (steps.length <= most) return;
    steps.pop();
    ranks.pop();
  }
}
