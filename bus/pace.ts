/** A delivery that waits behind one that takes no longer than this is performed sooner than it could be fetched. */
const SHORT_MS = 50;
/** Weight of the newest delivery in the mean. */
const NEWEST = 0.1;

/** Tells from how long deliveries have lately held their slots whether it pays to have the next ones at hand. */
export class Pace {
  #meanMs = 0;
  #ended = 0;
  /** Deliveries that must have ended before their mean counts. */
  #wanted: number;

  constructor(slots: number) {
    this.#wanted = 2 * slots;
  }

  /** True where the next deliveries may wait for the slots of those that are performed. */
  get isShort(): boolean {
    return this.#ended >= this.#wanted && this.#meanMs <= SHORT_MS;
  }

  /** A delivery has held its slot for so long. */
  ended(ms: number): void {
    this.#ended++;
    this.#meanMs += Math.max(NEWEST, 1 / this.#ended) * (ms - this.#meanMs);
  }

  /** One waited for a slot in vain: there are long ones among the short. More must have been short before the next try. */
  waitedInVain(): void {
    if (this.#ended >= this.#wanted) this.#wanted *= 4;
    this.#ended = 0;
  }
}
