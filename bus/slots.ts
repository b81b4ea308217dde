/** A worker's slots: room for one delivery each, whatever queue it came from. */
export class Slots {
  #used = 0;
  readonly #waiting = new Set<(taken: boolean) => void>();

  constructor(readonly total: number) {}

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return this.total - this.#used;
  }

  tryTake(): boolean {
    if (this.#used >= this.total) return false;
    this.#used++;
    return true;
  }

  /** Takes a slot as soon as one is free; false if none was within `ms`. */
  takeWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (taken: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(taken);
      };
      const timer = setTimeout(() => settle(false), ms);
      this.#waiting.add(settle);
    });
  }

  give(): void {
    const [next] = this.#waiting;
    if (next) next(true);
    else this.#used--;
  }

  /** Lets everyone who waits go without a slot. */
  turnAway(): void {
    for (const settle of [...this.#waiting]) settle(false);
  }
}
