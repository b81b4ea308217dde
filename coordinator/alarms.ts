import type { Run } from "../core/run";
import type { Clock } from "./ports";

/** Node fires timers beyond 2³¹−1 ms at once: longer waits are chained. */
const LONGEST_MS = 2 ** 30;

/** What shall happen to runs at a time: retries that fall due, deadlines, the end of a grace. */
export class Alarms {
  private readonly byRun = new Map<Run, Set<() => void>>();

  constructor(private readonly clock: Clock) {}

  /** Calls `act` at a wall-clock time, unless the run is forgotten first. */
  at(run: Run, time: number, act: () => void): void {
    let pending = this.byRun.get(run);
    if (!pending) this.byRun.set(run, (pending = new Set()));
    const alarms = pending;
    const wait = (): void => {
      const left = Math.max(0, time - this.clock.now());
      const callOff = this.clock.after(Math.min(left, LONGEST_MS), () => {
        alarms.delete(callOff);
        if (this.clock.now() < time) wait();
        else act();
      });
      alarms.add(callOff);
    };
    wait();
  }

  forget(run: Run): void {
    for (const callOff of this.byRun.get(run) ?? []) callOff();
    this.byRun.delete(run);
  }
}
