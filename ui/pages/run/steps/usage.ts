import type { Moment } from "./past-state";
import { type Attempt, CODE, type Steps } from "./steps";

/** What a slot was used for, from the bottom of a strip to its top: the worst on top, where it is seen. */
export const USES = ["success", "started", "canceled", "failure", "lost"] as const;
const USE_OF_STATUS: readonly number[] = [0, 0, 1, 3, 0, 3, 2, 2];
const [STARTED, FAILURE, LOST] = [1, 3, 4];

/** Of sums of so many terms, each of that size, what is no more than this is rounding. */
const roundingOf = (terms: number, size: number): number => terms * size * 1e-15;

/** Moments in order, with the sums of those before each. */
class Moments {
  private readonly sorted: Float64Array;
  private readonly sums: Float64Array;

  constructor(moments: readonly number[]) {
    const sorted = new Float64Array(moments).sort();
    const sums = new Float64Array(moments.length + 1);
    for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i]! + sorted[i]!;
    this.sorted = sorted;
    this.sums = sums;
  }

  get count(): number {
    return this.sorted.length;
  }

  /** How long ago those are, at a moment, that have been: the sum. */
  since(at: number): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low * at - this.sums[low]!;
  }
}

/**
 * How many slots were in use, by time and by use. What it costs to ask does not depend on how many steps there are: what
 * ran between two moments is what has begun less what has ended, summed up.
 */
export class Usage {
  private readonly begun = USES.map((): number[] => []);
  private readonly ended = USES.map((): number[] => []);
  private sums: readonly { begun: Moments; ended: Moments }[] | null = null;

  /** A slot was taken, and freed again; NaN: not yet. Not behind the first `addTo`. */
  add(use: number, from: number, to: number): void {
    if (!(from >= 0)) return;
    this.begun[use]!.push(from);
    if (to >= from) this.ended[use]!.push(to);
  }

  /**
   * Adds the slots in use, on average, between moments that follow each other, use by use.
   * @param now what has not ended goes on up to here.
   */
  addTo(columns: Float32Array, bounds: Float64Array, now: number): void {
    this.sums ??= USES.map((_, use) => ({
      begun: new Moments(this.begun[use]!),
      ended: new Moments(this.ended[use]!),
    }));
    const width = bounds.length - 1;
    this.sums.forEach(({ begun, ended }, use) => {
      if (begun.count === 0) return;
      const until = (at: number): number => begun.since(Math.min(at, now)) - ended.since(Math.min(at, now));
      const least = roundingOf(begun.count, Math.min(bounds[width]!, now));
      let before = until(bounds[0]!);
      for (let column = 0; column < width; column++) {
        const after = until(bounds[column + 1]!);
        if (after - before > least)
          columns[use * width + column]! += (after - before) / (bounds[column + 1]! - bounds[column]!);
        before = after;
      }
    });
  }
}

/** Of some steps as they were at a moment. */
export const usageOf = (steps: Steps, of: readonly number[], moment: Moment): Usage => {
  const usage = new Usage();
  for (const step of of) {
    usage.add(stepUse(steps, step, moment), steps.started[step]!, steps.ended[step]!);
    if (steps.past.size === 0) continue;
    for (const { started, ended, outcome } of steps.past.get(step) ?? [])
      usage.add(ended > moment.at ? STARTED : tryUse(outcome), started, ended);
  }
  return usage;
};

/** What the last try of a step uses its slot for. */
export const stepUse = (steps: Steps, step: number, { status }: Moment): number =>
  steps.lost[step]! > 0 && status[step] === CODE.FAILURE ? LOST : USE_OF_STATUS[status[step]!]!;

/** What a try that came to nothing used its slot for. */
export const tryUse = (outcome: Attempt["outcome"]): number => (outcome === "FAILURE" ? FAILURE : LOST);
