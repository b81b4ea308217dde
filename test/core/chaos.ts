import type { GraphSnapshot } from "../../core/graph";
import type { Step } from "../../core/run";
import type { RunEvent } from "../../core/run-events";
import { runHasEnded } from "../../core/status";
import { Checked } from "./checked";
import { hash, random } from "./random-graphs";
import type { Report } from "./reports";
import { failed, lost, progressed, released, started, succeeded, yielded } from "./reports";

export interface Faults {
  /** Of what the ops do, and of the schedule. */
  seed: number;
  /** Reports are repeated, told late, and out of order. */
  disorder: boolean;
  /** Workers give steps back. */
  releases: boolean;
  /** New owners rebuild the actor from its rows. */
  restores: boolean;
  /** The run is canceled at some time. */
  cancel: boolean;
  /** Generators fail for good after some of their items: which children began by then depends on the schedule. */
  midway: boolean;
}
export const CALM: Faults = {
  seed: 0,
  disorder: false,
  releases: false,
  restores: false,
  cancel: false,
  midway: false,
};

interface Message {
  step: string;
  fence: number;
  report: Report;
}

/** Plays a run with every fault at any time, from a seed; the same seed is the same story. */
export class Chaos extends Checked {
  private readonly draw;
  private readonly onTheWay: Message[] = [];
  private readonly delivered: Message[] = [];
  private canceled = false;

  constructor(
    graph: GraphSnapshot,
    readonly faults: Faults,
  ) {
    super(graph);
    this.draw = random(faults.seed);
  }

  /** Until all dispatches are answered and the run has ended. */
  toTheEnd(): this {
    if (this.draw(4) === 0 && this.faults.cancel) this.cancelNow();
    this.admit();
    for (let turns = 0; ; turns++) {
      if (turns > 20_000) throw new Error(`The run does not end: ${JSON.stringify(this.statuses)}`);
      if (this.draw(10) === 0) this.fault();
      else if (!this.goOn() && this.done()) return this;
    }
  }

  private goOn(): boolean {
    const moves = [this.ready.length > 0, this.onTheWay.length > 0, this.retries.length > 0];
    const possible = [0, 1, 2].filter((move) => moves[move]);
    if (possible.length === 0) return false;
    const move = possible[this.draw(possible.length)];
    if (move === 0) this.dispatchOne();
    else if (move === 1) this.deliverOne();
    else this.nextRetry();
    return true;
  }

  private dispatchOne(): void {
    const step = this.ready[this.draw(this.ready.length)]!;
    const reports = this.whatHappens(step);
    const fence = this.dispatch(step.key);
    for (const report of reports) this.onTheWay.push({ step: step.key, fence, report });
  }

  private deliverOne(): void {
    const { disorder } = this.faults;
    const any = this.draw(this.onTheWay.length);
    const at = disorder ? any : this.onTheWay.findIndex(({ fence }) => fence === this.onTheWay[any]!.fence);
    const message = this.onTheWay[at]!;
    if (!disorder || this.draw(5) > 0) this.onTheWay.splice(at, 1);
    this.tell(message);
    this.delivered.push(message);
  }

  private tell({ step, fence, report }: Message): void {
    this.now++;
    this.send({ at: this.now, ...report, step, fence } as RunEvent);
  }

  private fault(): void {
    const { disorder, restores, cancel } = this.faults;
    const which = this.draw(4);
    if (which === 0 && restores) this.restore();
    if (which === 1 && cancel && this.draw(8) === 0) this.cancelNow();
    if (which === 2 && disorder && this.delivered.length > 0)
      this.tell(this.delivered[this.draw(this.delivered.length)]!);
    if (which === 3) this.rebuiltIsTheSame();
  }

  private cancelNow(): void {
    this.canceled = true;
    this.cancel();
    if (this.draw(2) === 0) this.send({ type: "GRACE_OVER", at: this.now });
  }

  /** Nothing is on its way: what is still out is held by nobody, as an owner finds out in the end. */
  private done(): boolean {
    const { run } = this;
    if (runHasEnded(run.status) && !run.hook) return true;
    const out = [...run.steps.values(), ...(run.hook ? [run.hook] : [])].filter((step) => step.dispatched);
    // A report of success that waited for items is lost with its owner: then its generator runs again.
    if (out.length === 0 || !(this.faults.restores || this.canceled))
      throw new Error("The run is stuck: nothing is out.");
    for (const step of out) this.report(step.key, released("redelivered"));
    return false;
  }

  /** A matter of the step and the try alone, so that it comes out the same in every schedule; releases aside. */
  private whatHappens(step: Step): Report[] {
    const { seed, releases, midway } = this.faults;
    const { dynamic, retry } = step.node.spec;
    const chance = (what: string, below: number): number => hash(seed, step.key, what) % below;
    const losses = Math.max(0, chance("losses", 8) - 4);
    const failures = Math.max(0, chance("failures", 7) - 4);
    const doomed = losses >= 3 || failures > retry.maxRetries;
    const keys = dynamic ? Array.from({ length: chance("items", 4) }, (_, i) => `k${i}`) : [];
    const some = doomed && !midway ? [] : keys.slice(0, this.draw(keys.length + 1));
    const begun = this.draw(2) === 0 ? [started(), progressed(0.5, this.now)] : [];
    if (releases && this.draw(8) === 0) return [...begun, ...some.map(yielded), released()];
    if (step.lost < losses) return [...begun, ...some.map(yielded), lost()];
    if (step.attempt <= failures) return [...begun, ...some.map(yielded), failed()];
    if (dynamic) return [...begun, ...keys.map(yielded), succeeded([], { items: keys.length })];
    return [...begun, succeeded(chance("extra", 2) ? ["result", "extra"] : ["result"])];
  }
}
