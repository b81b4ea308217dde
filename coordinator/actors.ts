import type { GraphSnapshot } from "../core/graph";
import type { Plan } from "../core/plan";
import { compilePlan } from "../core/plan";
import type { RunRecord } from "../core/records";
import { restoreRun } from "../core/restore";
import type { Run, Step } from "../core/run";
import type { RunEvent } from "../core/run-events";
import type { BusClock } from "./bus-clock";
import { type Dispatches, newDispatch } from "./dispatches";
import type { HeldShard } from "./held-shard";
import { Loop } from "./loop";
import type { Needs } from "./ports";

/** Finds grants and cancels whose line was lost. */
const SWEEP_MS = 5_000;

/** Brings runs into memory: those newly granted, those of a shard just taken, and those to be canceled. */
export class Actors {
  private readonly plans = new WeakMap<GraphSnapshot, Plan>();
  private readonly grants: Loop;
  private readonly cancels: Loop;
  /** Loads one after the other: a run must not be brought in twice. */
  private turn: Promise<void> = Promise.resolve();
  /** Runs that ended since the load in hand began: what it has read of them may be older than that. */
  private readonly endedMeanwhile = new Set<string>();

  constructor(
    private readonly needs: Needs,
    private readonly time: BusClock,
    private readonly shards: ReadonlyMap<number, HeldShard>,
    private readonly out: Dispatches,
    private readonly apply: (run: Run, event: RunEvent) => void,
  ) {
    const { clock, log } = needs;
    const owns = (): boolean => shards.size > 0;
    const loadAll = (): Promise<void> => this.load([...shards.keys()]);
    this.grants = new Loop(clock, log, "Loading granted runs", SWEEP_MS, loadAll, owns);
    this.cancels = new Loop(clock, log, "Looking for cancels", SWEEP_MS, () => this.cancel(), owns);
  }

  start(): void {
    this.grants.start();
    this.cancels.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.grants.stop(), this.cancels.stop()]);
  }

  lookForGrants(): void {
    this.grants.nudge();
  }

  lookForCancels(): void {
    this.cancels.nudge();
  }

  ended(run: Run): void {
    this.endedMeanwhile.add(run.record.id);
  }

  /** Loads the granted runs of these shards that are not in memory yet, and lets them go on. */
  load(shards: number[]): Promise<void> {
    return this.inTurn(async () => {
      const known = shards.flatMap((shard) => [...(this.shards.get(shard)?.runs.keys() ?? [])]);
      if (shards.length > 0) await this.bringIn(await this.needs.store.grantedRuns(shards, known));
    });
  }

  /** Loads runs that this coordinator itself has just granted, without looking for them. */
  loadGranted(runs: string[]): void {
    const load = async (): Promise<void> => {
      const records = await this.needs.store.loadRuns(runs);
      // Their shards may have been with somebody else since, who has seen to them.
      await this.bringIn(records.filter(({ endedAt }) => endedAt === null));
    };
    // Where it fails, their grants stand: the next look finds them.
    this.inTurn(load).catch((error: Error) => this.needs.log.warn(`Loading granted runs: ${error.message}`));
  }

  private cancel(): Promise<void> {
    return this.inTurn(async () => {
      const wanted = await this.needs.store.cancelRequested([...this.shards.keys()]);
      await this.bringIn(wanted.filter(({ id, shard }) => !this.shards.get(shard)?.runs.has(id)));
      for (const { id, shard } of wanted) this.cancelRun(this.shards.get(shard)?.runs.get(id));
    });
  }

  private cancelRun(run: Run | undefined): void {
    if (run && !run.ending) this.apply(run, { type: "CANCEL_REQUESTED", at: this.needs.clock.now() });
  }

  private async bringIn(records: RunRecord[]): Promise<void> {
    if (records.length === 0) return;
    // A run that never ran has no rows, unless it keeps steps of the run that it repeats.
    const old = records.filter(({ status, parentRunId }) => status !== "QUEUED" || parentRunId !== null);
    const loaded = await this.needs.store.loadSteps(old.map(({ id }) => id));
    const steps = byRun(loaded.steps);
    const items = byRun(loaded.items);
    for (const record of records) {
      const shard = this.shards.get(record.shard);
      if (!shard || shard.runs.has(record.id) || this.endedMeanwhile.has(record.id)) continue;
      const recorded = { steps: steps.get(record.id) ?? [], items: items.get(record.id) ?? [] };
      const run = restoreRun(record, this.plan(record.graph), recorded);
      shard.runs.set(record.id, run);
      this.begin(run);
    }
  }

  private begin(run: Run): void {
    const at = this.needs.clock.now();
    for (const step of run.steps.values()) if (step.dispatched) this.restoreDispatch(run, step);
    if (run.hook?.dispatched) this.restoreDispatch(run, run.hook);
    if (run.record.cancelRequestedAt !== null) this.cancelRun(run);
    if (run.status === "QUEUED") this.apply(run, { type: "ADMITTED", at });
    else this.apply(run, { type: "RESUMED", at, owner: this.needs.options.owner });
  }

  /** What the rows call dispatched may be on a worker, in a queue, or nowhere: the takeover finds out. */
  private restoreDispatch(run: Run, step: Step): void {
    const { queue, priority } = step.node.spec;
    const { shard } = run.record;
    const bundle = { queue, priority, open: 0 };
    const sentAt = this.time.now();
    this.out.add(newDispatch({ shard, run, step, fence: step.fence, queue, priority, bundle, sentAt, restored: true }));
  }

  private plan(graph: GraphSnapshot): Plan {
    let plan = this.plans.get(graph);
    if (!plan) this.plans.set(graph, (plan = compilePlan(graph)));
    return plan;
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(() => {
      this.endedMeanwhile.clear();
      return act();
    });
    this.turn = turn.catch(() => {});
    return turn;
  }
}

const byRun = <T extends { run: string }>(rows: readonly T[]): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.run);
    if (group) group.push(row);
    else groups.set(row.run, [row]);
  }
  return groups;
};
