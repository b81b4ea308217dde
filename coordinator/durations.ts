/** Weight of the newest try in an op's mean. */
const NEWEST = 0.2;
/** Tries after which the mean counts as known. */
const KNOWN_AFTER = 3;

/** Recent mean durations of ops, in ms: from them alone steps are bundled. */
export class Durations {
  private readonly means = new Map<string, { mean: number; tries: number }>();

  ended(op: string, ms: number): void {
    const known = this.means.get(op);
    if (!known) this.means.set(op, { mean: Math.max(0, ms), tries: 1 });
    else {
      known.mean += NEWEST * (Math.max(0, ms) - known.mean);
      known.tries++;
    }
  }

  /** null: not known yet. */
  mean(op: string): number | null {
    const known = this.means.get(op);
    return known && known.tries >= KNOWN_AFTER ? known.mean : null;
  }
}
