import type { Report, StepAction, StepInput } from "../core/messages";
import type { Run, Step } from "../core/run";
import { Backlog, type Next } from "./backlog";
import type { BusClock } from "./bus-clock";
import type { Bundle, Dispatch } from "./dispatches";
import { Dispatches, newDispatch } from "./dispatches";
import { Durations } from "./durations";
import type { Needs } from "./ports";
import { planInputs, readInputs } from "./step-inputs";
import { Trials } from "./trials";
import { ValueCache } from "./value-cache";
import { Windows } from "./windows";
import type { Workers } from "./workers";

/** An op that takes longer than this travels alone (protocol 5.3). */
const BUNDLED_BELOW_MS = 20;
/** Work of one bundle at most. */
const BUNDLE_MS = 50;
const BUNDLE_STEPS = 64;
/** Less work than this is not worth a message of its own: to spread it over more slots costs more than it saves. */
const WORTH_A_MESSAGE_MS = 10;
/** Deliveries of a priority per live slot with which the workers have enough before them. */
const ENOUGH_PER_SLOT = 2;
/** What a step costs beside the author's code. */
const OVERHEAD_MS = 0.25;

/** The owner's part: it alone alters runs. */
export interface Draws {
  /** Draws a fence for a ready step and records it. */
  draw(shard: number, run: Run, step: Step): number;
  /** To be sent after the commit. */
  drawn(dispatch: Dispatch): void;
}

/** Decides which ready steps go out, in which bundles, and sends them once they are committed. */
export class Dispatcher {
  readonly out = new Dispatches();
  readonly values = new ValueCache();
  readonly durations = new Durations();
  readonly windows: Windows;
  readonly trials = new Trials();
  private readonly backlog = new Backlog();

  constructor(
    private readonly needs: Needs,
    private readonly time: BusClock,
    private readonly workers: Workers,
    private readonly draws: Draws,
  ) {
    this.windows = new Windows(needs.clock, workers, needs.options.owner);
  }

  ready(shard: number, run: Run, step: Step): void {
    if (!this.trials.keeps(shard, run, step)) this.push(shard, run, step);
  }

  private push(shard: number, run: Run, step: Step): void {
    const { queue, priority } = step.node.spec;
    this.backlog.push(shard, queue, clip(priority + run.record.priority), { run, step });
  }

  /** Keeps what the next steps will read, and how long ops take. */
  learn(step: Step, report: Report): void {
    if (report.type === "items")
      for (const [item, value] of report.items)
        // Of an item that a later try yields again, the first value stands.
        if (!step.fan?.keys.has(item)) this.values.put({ run: report.run, step: report.step, item }, value);
    if (report.type !== "succeeded") return;
    this.durations.ended(step.node.spec.op, report.at - report.startedAt);
    for (const [output, value] of Object.entries(report.outputs))
      this.values.put({ run: report.run, step: report.step, output }, value);
  }

  /** Fills every queue's window from the backlog. */
  fill(): void {
    for (const { shard, run, step } of this.trials.due(this.needs.clock.monotonic())) this.push(shard, run, step);
    for (const queue of this.backlog.queues()) this.fillQueue(queue);
  }

  private fillQueue(queue: string): void {
    let waiting = this.backlog.size(queue);
    if (waiting === 0) return;
    const slots = this.workers.slots(queue);
    const fairShare = Math.ceil(waiting / Math.max(1, slots));
    const window = this.windows.size(queue, waiting);
    let gathering = 0;
    while (this.out.deliveriesOut(queue) < window) {
      const next = this.backlog.next(queue);
      if (!next) return;
      if (this.isGathering(queue, next, slots)) {
        if (++gathering >= next.lanes) return;
        continue;
      }
      gathering = 0;
      waiting -= this.takeBundle(queue, next, fairShare);
    }
  }

  /**
   * Short steps that are not worth a message yet wait for more while the workers have enough before them: whatever is
   * out has their priority and would be begun first anyway.
   */
  private isGathering(queue: string, { lane, priority }: Next, slots: number): boolean {
    const mean = this.shortMean(lane.peek()!.step);
    if (mean === null || lane.size * (mean + OVERHEAD_MS) >= WORTH_A_MESSAGE_MS) return false;
    return this.out.deliveriesOut(queue, priority) >= Math.max(1, slots) * ENOUGH_PER_SLOT;
  }

  /** The mean of an op that is known to be short, and so may share a slot; null: the step travels alone. */
  private shortMean(step: Step): number | null {
    const mean = this.durations.mean(step.node.spec.op);
    // What was lost once travels alone.
    return mean !== null && mean < BUNDLED_BELOW_MS && step.lost === 0 && step.node.spec.pool === null ? mean : null;
  }

  /** How much waits here, by queue. */
  waiting(): Record<string, number> {
    return Object.fromEntries(this.backlog.queues().map((queue) => [queue, this.backlog.size(queue)]));
  }

  forgetShard(shard: number): void {
    this.backlog.forgetShard(shard);
    this.trials.forgetShard(shard);
    this.out.closeShard(shard);
  }

  /**
   * Sends committed dispatches, each bundle as one message. Resolves once the broker has confirmed; calls `uncertain`
   * for those of which nobody can say whether they will arrive.
   */
  async send(dispatches: readonly Dispatch[], uncertain: (dispatch: Dispatch) => void): Promise<void> {
    const current = dispatches.filter(isCurrent);
    if (current.length === 0) return;
    const plans = current.map(({ run, step }) => planInputs(run, step));
    const inputs = await readInputs(plans, this.values, this.needs.store);
    const bundles = new Map<Bundle, { dispatches: Dispatch[]; actions: StepAction[] }>();
    current.forEach((dispatch, i) => {
      if (!isCurrent(dispatch)) return;
      let bundle = bundles.get(dispatch.bundle);
      if (!bundle) bundles.set(dispatch.bundle, (bundle = { dispatches: [], actions: [] }));
      bundle.dispatches.push(dispatch);
      bundle.actions.push(actionOf(dispatch, inputs[i]!));
    });
    await Promise.all(
      [...bundles.values()].map(async ({ dispatches, actions }) => {
        const { queue, priority, fence } = dispatches[0]!;
        try {
          await this.needs.bus.dispatch(actions, { queue, priority, bundle: String(fence) });
        } catch (error) {
          this.needs.log.debug(`Dispatching again: ${(error as Error).message}`);
          dispatches.forEach(uncertain);
        }
      }),
    );
  }

  private takeBundle(queue: string, { shard, priority, lane }: Next, fairShare: number): number {
    const bundle: Bundle = { queue, priority, open: 0 };
    const sentAt = this.time.now();
    let work = 0;
    let taken = 0;
    for (let waiting = lane.peek(); waiting; waiting = lane.peek()) {
      const { run, step } = waiting;
      const mean = this.shortMean(step);
      const enough = taken >= BUNDLE_STEPS || (taken >= fairShare && work >= WORTH_A_MESSAGE_MS);
      if (taken > 0 && (mean === null || enough || work + mean + OVERHEAD_MS > BUNDLE_MS)) break;
      lane.take(waiting, mean === null ? Infinity : mean + OVERHEAD_MS);
      const fence = this.draws.draw(shard, run, step);
      const dispatch = newDispatch({ shard, run, step, fence, queue, priority, bundle, sentAt, restored: false });
      this.out.add(dispatch);
      this.draws.drawn(dispatch);
      taken++;
      if (mean === null) break;
      work += mean + OVERHEAD_MS;
    }
    return taken;
  }
}

const isCurrent = ({ step, fence }: Dispatch): boolean => step.dispatched && step.fence === fence;

const clip = (priority: number): number => Math.min(9, Math.max(0, priority));

const actionOf = ({ shard, run, step, fence }: Dispatch, inputs: Record<string, StepInput>): StepAction => {
  const { record } = run;
  const { spec } = step.node;
  const action: StepAction = {
    shard,
    run: record.id,
    job: record.job,
    step: step.key,
    node: spec.name,
    op: spec.op,
    path: [...step.path],
    fence,
    attempt: step.attempt,
    timeoutMs: spec.timeoutMs,
    inputs,
    config: spec.config ? { ...record.config, ...spec.config } : record.config,
    tags: record.tags,
  };
  if (step.lost > 0) action.alone = true;
  if (step.fan && step.fan.keys.size > 0) action.committedKeys = [...step.fan.keys.keys()];
  if (spec.pool !== null) action.pooled = true;
  if (step === run.hook)
    action.hook = {
      event: run.status === "SUCCESS" ? "success" : "failure",
      failedSteps: run.failedSteps.slice(0, 100),
      error: run.error,
    };
  return action;
};
