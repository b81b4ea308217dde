/**
 * The newest `limit` keys and some more; asking for older ones answers no. Two generations of which the older is dropped
 * whole: to drop one key for each that comes costs several times as much.
 */
export class RecentKeys<Key> {
  private newer = new Set<Key>();
  private older = new Set<Key>();

  constructor(private readonly limit: number) {}

  add(key: Key): void {
    this.newer.add(key);
    if (this.newer.size < this.limit) return;
    this.older = this.newer;
    this.newer = new Set();
  }

  has(key: Key): boolean {
    return this.newer.has(key) || this.older.has(key);
  }

  get isEmpty(): boolean {
    return this.newer.size + this.older.size === 0;
  }
}

/** The runs that were canceled in the last `ms`, at most `limit`: a step of theirs that is still in a queue never begins. */
export class CanceledRuns {
  private readonly until = new Map<string, number>();

  constructor(
    private readonly ms: number,
    private readonly limit: number,
  ) {}

  add(run: string, now: number): void {
    this.until.delete(run);
    this.until.set(run, now + this.ms);
    // In order of time: what is over stands in front.
    for (const [old, end] of this.until) {
      if (end > now && this.until.size <= this.limit) break;
      this.until.delete(old);
    }
  }

  has(run: string, now: number): boolean {
    return (this.until.get(run) ?? 0) > now;
  }
}

const CONVICTED = -1;

/** Steps that ran when a process died with several of them: to run alone, until it is known which one did it. */
export class Suspects {
  private readonly deaths = new Map<string, number>();

  constructor(private readonly limit: number) {}

  get isEmpty(): boolean {
    return this.deaths.size === 0;
  }

  /** `death` tells one death of a process from another. */
  add(step: string, death: number): void {
    this.deaths.delete(step);
    this.deaths.set(step, death);
    if (this.deaths.size > this.limit) this.deaths.delete(this.deaths.keys().next().value!);
  }

  has(step: string): boolean {
    return this.deaths.has(step);
  }

  /** It ran alone and did no harm. */
  acquit(step: string): void {
    this.deaths.delete(step);
  }

  /**
   * It ran alone and its process died again: the others of that death are free. It stays alone.
   * @returns true the first time: that earlier death, which nobody was blamed for, was its doing too.
   */
  convict(step: string): boolean {
    const death = this.deaths.get(step);
    if (death === undefined || death === CONVICTED) return false;
    for (const [other, of] of this.deaths) if (of === death) this.deaths.delete(other);
    this.deaths.set(step, CONVICTED);
    return true;
  }
}
