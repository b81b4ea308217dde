import type { Run, Step } from "../core/run";
import { MAX_LOST } from "../core/step-events";

/** A step that has run for so long does not kill its worker at once, and the next may go. */
const TRIAL_MS = 10_000;

interface Waiting {
  shard: number;
  run: Run;
  step: Step;
}
interface Trial {
  shard: number;
  step: Step;
  /** Since when it is known to run. */
  since: number | null;
}

/**
 * Steps that two dead workers had in hand: one of them may have killed both. Sent out together they would be lost a
 * third time together, and be called poison together. So of each queue one goes at a time.
 */
export class Trials {
  private readonly doubted = new WeakSet<Step>();
  private waiting: Waiting[] = [];
  private readonly running = new Map<string, Trial>();

  /** A worker has died that had this step in hand. */
  doubt(step: Step): void {
    this.doubted.add(step);
  }

  /** True: the step is kept here until its turn comes. */
  keeps(shard: number, run: Run, step: Step): boolean {
    if (step.lost < MAX_LOST - 1 || !this.doubted.has(step)) return false;
    this.waiting.push({ shard, run, step });
    return true;
  }

  /** Those whose turn has come. `now`: ms, on any clock that does not jump. */
  *due(now: number): Generator<Waiting> {
    if (this.waiting.length === 0) return;
    const kept: Waiting[] = [];
    for (const one of this.waiting) {
      const { shard, step } = one;
      // What was canceled meanwhile is ready no more.
      if (!step.ready) continue;
      if (this.mustWait(step, now)) kept.push(one);
      else {
        this.running.set(step.node.spec.queue, { shard, step, since: null });
        yield one;
      }
    }
    this.waiting = kept;
  }

  forgetShard(shard: number): void {
    this.waiting = this.waiting.filter((one) => one.shard !== shard);
    for (const [queue, trial] of this.running) if (trial.shard === shard) this.running.delete(queue);
  }

  private mustWait(waiting: Step, now: number): boolean {
    const trial = this.running.get(waiting.node.spec.queue);
    // The one on trial itself comes back when it is released or tried again.
    if (!trial || trial.step === waiting) return false;
    const { ready, dispatched, status } = trial.step;
    if (!ready && !dispatched) return false;
    if (status === "STARTED") trial.since ??= now;
    return trial.since === null || now - trial.since < TRIAL_MS;
  }
}
