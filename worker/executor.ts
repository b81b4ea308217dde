import type { Report, StepAction, WorkerBeat, WorkerOrder } from "../core/messages";
import type { TaskInput } from "../runtime/step-messages";
import { Attempt, type AttemptNeeds, REPORT_BYTES } from "./attempt";
import { Beats } from "./beats";
import {
  DEFAULT_SETTINGS,
  type ExecutorPorts,
  type ExecutorSettings,
  type StepOutcome,
  type WorkerIdentity,
} from "./ports";
import { CanceledRuns, RecentKeys, Suspects } from "./recent";
import { ReportBatches } from "./report-batches";
import { type StepFailure, StepValues } from "./step-values";

/** How a message came. */
export interface Delivery {
  redelivered: boolean;
  /** No slot was free within 100 ms: to be given back. */
  noSlot?: boolean;
}

/** One step of a delivery. `ended` resolves when the report of its end is confirmed. */
export interface Accepted {
  action: StepAction;
  ended: Promise<void>;
}

/** By shard: of some seconds at full speed. More would not stay in the processor's cache. */
const REMEMBERED_FENCES = 10_000;
const CANCELED_MS = 3 * 3_600_000;
const CANCELED_RUNS = 50_000;
const SUSPECTS = 1_000;
/** Steps of a bundle that have not begun by then wait behind one that is slower than was thought. */
const BUNDLE_MS = 100;

/** How long a worker that stops waits for the broker's confirms. */
const CONFIRM_MS = 10_000;

interface Ready {
  attempt: Attempt;
  inputs: Record<string, TaskInput>;
}

/**
 * The worker's side of the work protocol: takes deliveries, has the pool run them, reports what became of each
 * dispatch, says each second what it holds, and obeys the owners' orders. All I/O and time come through its ports.
 */
export class Executor {
  private readonly held = new Set<Attempt>();
  /** By shard. */
  private readonly seen = new Map<number, RecentKeys<number>>();
  private readonly revoked = new RecentKeys<string>(REMEMBERED_FENCES);
  private readonly canceled = new CanceledRuns(CANCELED_MS, CANCELED_RUNS);
  private readonly suspects = new Suspects(SUSPECTS);
  private readonly epochs = new Map<number, number>();
  private readonly reports: ReportBatches;
  private readonly values: StepValues;
  private readonly beats: Beats;
  private readonly settings: ExecutorSettings;
  private readonly forAttempts: AttemptNeeds;
  private readonly startedAt: number;
  private draining = false;

  constructor(
    private readonly ports: ExecutorPorts,
    private readonly identity: () => WorkerIdentity,
    settings: Partial<ExecutorSettings> = {},
  ) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.reports = new ReportBatches(ports.clock, ports);
    this.values = new StepValues(ports.clock, ports, this.settings);
    this.startedAt = ports.clock.now();
    this.forAttempts = this.needsOfAttempts();
    const describe = (): Omit<WorkerBeat, "seq"> => this.describe();
    this.beats = new Beats(ports.clock, ports, describe, () => this.stopPooled());
  }

  /** Begins to beat. */
  start(): void {
    this.beats.start();
  }

  /** A message: resolves when the ends of all its steps are confirmed, and so may be acknowledged. Never rejects. */
  async deliver(actions: StepAction[], delivery: Delivery): Promise<void> {
    await Promise.all(this.accept(actions, delivery).map((step) => step.ended));
  }

  /** As `deliver`, step by step. */
  accept(actions: StepAction[], delivery: Delivery): Accepted[] {
    const bundle: Attempt[] = [];
    const accepted = actions.map((action): Accepted => {
      // Its owner is done with it and is told nothing, as for one that is revoked while it runs.
      if (!this.revoked.isEmpty && this.revoked.has(dispatchKey(action))) return { action, ended: Promise.resolve() };
      const refusal = this.refusal(action, delivery);
      if (refusal) return { action, ended: this.confirmed(refusal) };
      const attempt = this.hold(action);
      bundle.push(attempt);
      return { action, ended: attempt.settled };
    });
    if (bundle.length > 0) this.perform(bundle);
    return accepted;
  }

  /** What an owner broadcast. Pauses of queues are the consumer's affair. */
  order(order: WorkerOrder): void {
    switch (order.type) {
      case "revoke":
        // It may still be in the queue, and must not begin when it comes.
        this.revoked.add(dispatchKey(order));
        for (const attempt of this.held) {
          const { fence, run, step } = attempt.action;
          if (fence === order.fence && run === order.run && step === order.step) attempt.stop("revoke");
        }
        return;
      case "cancel":
        this.canceled.add(order.run, this.ports.clock.now());
        for (const attempt of this.held) {
          if (attempt.action.run === order.run && !attempt.action.hook) attempt.stop("cancel", order.graceMs);
        }
        return;
      case "roll_call":
        for (const { shard, epoch } of order.shards) this.learnEpoch(shard, epoch);
        return this.beats.answer(order.id);
      case "pause_queue":
      case "resume_queue":
        return;
    }
  }

  /**
   * Takes nothing new, gives back what has not begun, lets running steps end for `graceMs`, then ends and gives back
   * the rest. Resolves when every report is confirmed and the last beat is out, or 10 s after the grace: what is not
   * confirmed by then was not acknowledged either, and its owner finds out. A second call shortens the grace.
   */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    for (const attempt of this.held) if (attempt.state === "delivered") attempt.stop("drain");
    const giveUp = (): void => {
      for (const attempt of this.held) attempt.stop("drain", 0);
    };
    const grace = graceMs > 0 ? this.ports.clock.after(graceMs, giveUp) : null;
    if (!grace) giveUp();
    const ends = [...this.held].map((attempt) => attempt.settled);
    const confirmed = Promise.all(ends).then(() => this.reports.quiet());
    await this.within(graceMs + CONFIRM_MS, confirmed);
    grace?.cancel();
    await this.within(CONFIRM_MS, this.beats.stop());
  }

  /** Waits for it, but no longer than `ms`. */
  private within(ms: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const limit = this.ports.clock.after(ms, resolve);
      void work.then(() => {
        limit.cancel();
        resolve();
      });
    });
  }

  /** A beat as it would be sent now, but for its number. */
  describe(): Omit<WorkerBeat, "seq"> {
    const identity = this.identity();
    const holds = [...this.held].map(({ action, state, place }) => {
      const { shard, fence, run, step } = action;
      const hold = { shard, fence, run, step, begun: state !== "delivered", slot: place?.slot };
      return state === "ended" ? { ...hold, ended: true as const } : hold;
    });
    return {
      ...identity,
      ...this.ports.vitals(),
      slots: identity.processes * identity.concurrency,
      busy: [...this.held].filter((attempt) => attempt.state === "begun").length,
      startedAt: this.startedAt,
      holds,
      draining: this.draining,
    };
  }

  /** Why a step is not even held, as the report that says so. */
  private refusal(action: StepAction, delivery: Delivery): Report | null {
    const { shard, run, step, fence } = action;
    const at = this.ports.clock.now();
    const of = { shard, run, step, fence, at };
    const epoch = this.epochs.get(shard) ?? 0;
    // Whether the first copy began is not known here; the owner finds out (suspect first, act later).
    const again = delivery.redelivered || this.seen.get(shard)?.has(fence);
    if (again) return { ...of, type: "released", reason: "redelivered" };
    if (fence < epoch) return { ...of, type: "released", reason: "stale_epoch", epoch };
    if (!action.hook && this.canceled.has(run, at)) return { ...of, type: "canceled" };
    if (this.draining || (action.pooled && this.beats.isCutOff())) return { ...of, type: "released", reason: "drain" };
    return delivery.noSlot ? { ...of, type: "released", reason: "no_slot" } : null;
  }

  private confirmed(report: Report): Promise<void> {
    return new Promise((resolve) => this.reports.add(report, REPORT_BYTES, resolve));
  }

  private hold(action: StepAction): Attempt {
    const attempt = new Attempt(action, this.forAttempts);
    const { shard, fence } = action;
    let seen = this.seen.get(shard);
    if (!seen) this.seen.set(shard, (seen = new RecentKeys(REMEMBERED_FENCES)));
    seen.add(fence);
    this.held.add(attempt);
    return attempt;
  }

  private needsOfAttempts(): AttemptNeeds {
    return {
      ports: this.ports,
      settings: this.settings,
      reports: this.reports,
      values: this.values,
      // It never changes, while the rest of the identity is asked for with each beat.
      worker: this.identity().worker,
      epochOf: (shard) => this.epochs.get(shard) ?? 0,
      onOutcome: (of, outcome) => {
        const fails = outcome.type === "failed" || outcome.type === "lost" || of.stopReason === "timeout";
        if (fails) this.tellStarts(of.action.run);
        return this.suspect(of.action, outcome);
      },
      onSettled: (of) => void this.held.delete(of),
    };
  }

  /** What a failure decides depends on what of the run is under way: a failed generator's children that have begun go on. */
  private tellStarts(run: string): void {
    for (const attempt of this.held) if (attempt.action.run === run) attempt.tellStart();
  }

  /** Hands a bundle to the pool, at once where nothing has to be fetched first. */
  private perform(bundle: Attempt[]): void {
    const ready: Ready[] = [];
    for (const attempt of bundle) {
      const inputs = this.values.inline(attempt.action);
      if (!inputs) return void this.fetchAndPerform(bundle);
      ready.push({ attempt, inputs });
    }
    this.run(ready);
  }

  private async fetchAndPerform(bundle: Attempt[]): Promise<void> {
    const ready: Ready[] = [];
    for (const attempt of bundle) {
      try {
        const inputs = await this.values.fetch(attempt.action, () => attempt.state === "delivered");
        if (inputs) ready.push({ attempt, inputs });
      } catch (failure) {
        attempt.fail(failure as StepFailure);
      }
    }
    // One that was canceled meanwhile has ended.
    this.run(ready.filter(({ attempt }) => attempt.state === "delivered"));
  }

  private run(bundle: Ready[]): void {
    const others: Ready[] = [];
    for (const one of bundle) {
      if (this.runsAlone(one.attempt.action)) this.handToPool([one], true);
      else others.push(one);
    }
    if (others.length > 0) this.handToPool(others, false);
  }

  private handToPool(bundle: Ready[], alone: boolean): void {
    let begun = false;
    const onBegun = (): void => {
      if (!begun && bundle.length > 1) this.ports.clock.after(BUNDLE_MS, () => releaseLate(bundle));
      begun = true;
    };
    const steps = bundle.map(({ attempt, inputs }) => attempt.forPool(inputs, onBegun));
    const handles = this.ports.pool.run(steps, { alone });
    bundle.forEach(({ attempt }, index) => attempt.inPool(handles[index]!));
  }

  private runsAlone({ run, step, alone }: StepAction): boolean {
    return alone === true || (!this.suspects.isEmpty && this.suspects.has(`${run} ${step}`));
  }

  /** Finds which step it is that takes processes down; the outcome that it is convicted by accounts for both deaths. */
  private suspect({ run, step }: StepAction, outcome: StepOutcome): StepOutcome {
    // Most outcomes are good ones, with nobody suspected.
    if (outcome.type === "succeeded" && this.suspects.isEmpty) return outcome;
    const name = `${run} ${step}`;
    if (outcome.type === "neighbour" && outcome.suspectOf !== null) this.suspects.add(name, outcome.suspectOf);
    if (outcome.type === "succeeded" || outcome.type === "failed") this.suspects.acquit(name);
    return outcome.type === "lost" && this.suspects.convict(name) ? { ...outcome, times: 2 } : outcome;
  }

  private stopPooled(): void {
    for (const attempt of this.held) if (attempt.action.pooled) attempt.stop("cut_off");
  }

  private learnEpoch(shard: number, epoch: number): void {
    if (epoch <= (this.epochs.get(shard) ?? 0)) return;
    this.epochs.set(shard, epoch);
    for (const attempt of this.held) {
      if (attempt.action.shard === shard && attempt.action.fence < epoch) attempt.stop("stale_epoch");
    }
  }
}

const dispatchKey = ({ run, step, fence }: { run: string; step: string; fence: number }): string =>
  `${run} ${step} ${fence}`;

const releaseLate = (bundle: Ready[]): void => {
  for (const { attempt } of bundle) if (attempt.state === "delivered") attempt.stop("bundle_late");
};
