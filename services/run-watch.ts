/** Lets callers wait until the owner of a run has spoken about it. */
export class RunWatch {
  private readonly waiting = new Map<string, Set<() => void>>();

  /** These runs have changed. */
  changed(ids: readonly string[]): void {
    for (const id of ids) for (const wake of this.waiting.get(id) ?? []) wake();
  }

  /**
   * Asks `settled` now, at each change of the run and, since a broadcast may be lost, now and then.
   * @returns its first answer that is not null; null where there was none within `patienceMs`.
   */
  async until<T>(id: string, settled: () => Promise<T | null>, patienceMs: number): Promise<T | null> {
    const late = performance.now() + patienceMs;
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_LOOK_MS, pause * 2)) {
      // Listening first: a change while it is asked would be missed otherwise.
      const change = this.next(id, Math.min(pause, Math.max(1, late - performance.now())));
      const answer = await settled();
      if (answer !== null || performance.now() >= late) {
        change.cancel();
        return answer;
      }
      await change.happened;
    }
  }

  private next(id: string, ms: number): { happened: Promise<void>; cancel(): void } {
    const waiters = this.waiting.get(id) ?? new Set();
    this.waiting.set(id, waiters);
    let wake!: () => void;
    const happened = new Promise<void>((resolve) => {
      const timer = setTimeout(() => wake(), ms);
      wake = () => {
        clearTimeout(timer);
        waiters.delete(wake);
        if (waiters.size === 0) this.waiting.delete(id);
        resolve();
      };
    });
    waiters.add(wake);
    return { happened, cancel: wake };
  }
}

const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 400;
