import { DqueueError } from "../core/errors";
import type { MailboxItem, Report, WorkerBeat } from "../core/messages";
import type { Admitted } from "../core/records";
import type { Run, Step } from "../core/run";
import type { Change, RunEvent } from "../core/run-events";
import { transition } from "../core/transition";
import { Actors } from "./actors";
import { Admission } from "./admission";
import { Alarms } from "./alarms";
import type { ShardBatch } from "./batch";
import { BusClock } from "./bus-clock";
import { Condemned } from "./condemned";
import { Dispatcher } from "./dispatcher";
import type { Dispatch } from "./dispatches";
import { GroupCommit } from "./group-commit";
import { type HeldShard, noteCommitted, revocableUpTo } from "./held-shard";
import { Loop } from "./loop";
import { Orders } from "./orders";
import { Ownership } from "./ownership";
import type { Needs, OwnerBacklog } from "./ports";
import { eventsOf } from "./reports";
import { Suspicions } from "./suspicions";
import { Takeovers } from "./takeovers";
import { Workers } from "./workers";

const SWEEP_MS = 1_000;
const UNCERTAIN_MS = 1_000;

/** What a coordinator says of itself. */
export interface OwnerDescription {
  owner: string;
  shards: { id: number; epoch: number; runs: number }[];
  waiting: Record<string, number>;
}

/**
 * Owns the run actors of its shards: applies what is reported, commits what follows in groups, dispatches what was
 * committed, acknowledges last. The owner's side of the protocol, without any I/O of its own.
 */
export class Owner {
  private readonly shards = new Map<number, HeldShard>();
  private readonly time: BusClock;
  private readonly workers: Workers;
  private readonly alarms: Alarms;
  private readonly commits: GroupCommit;
  private readonly dispatcher: Dispatcher;
  private readonly orders: Orders;
  private readonly actors: Actors;
  private readonly takeovers: Takeovers;
  private readonly suspicions: Suspicions;
  private readonly ownership: Ownership;
  private readonly admission: Admission;
  private readonly sweeps: Loop;
  private readonly condemned = new Condemned();
  /** Runs whose rows are behind their steps: written each second, since not every event is worth a row. */
  private readonly behind = new Set<Run>();
  private starting: Promise<void> | null = null;
  /** Gives a shard to another coordinator: see `Ownership.handOver`. */
  readonly handOver: Ownership["handOver"] = (shard, to) => this.ownership.handOver(shard, to);

  constructor(private readonly needs: Needs) {
    const apply = (run: Run, event: RunEvent): void => this.apply(run, event);
    this.time = new BusClock(needs.clock);
    this.workers = new Workers(this.time);
    this.alarms = new Alarms(needs.clock);
    this.commits = new GroupCommit(needs, {
      beforeCommit: () => this.dispatcher.fill(),
      committed: (shard) => this.committed(shard),
      lost: (shards) => void this.drop(shards),
      canceledFirst: (ended, actor) => this.canceledFirst(ended, actor),
      unknown: (shards, error) => this.unknown(shards, error),
      wentThrough: (startedAt) => this.ownership.wentThrough(startedAt),
    });
    this.dispatcher = new Dispatcher(needs, this.time, this.workers, {
      draw: (shard, run, step) => this.drawFence(shard, run, step),
      drawn: (dispatch) => this.batchOf(dispatch.shard).dispatches.push(dispatch),
    });
    this.orders = new Orders(needs, this.alarms, this.dispatcher, {
      apply,
      ended: (run) => this.ended(run),
      wake: () => this.commits.kick(),
    });
    this.actors = new Actors(needs, this.time, this.shards, this.dispatcher.out, apply);
    this.takeovers = new Takeovers(needs, this.time, this.shards, this.workers, this.dispatcher.out, {
      load: (shards) => this.actors.load(shards),
      again: (dispatch) => this.again(dispatch, "no worker has it"),
    });
    this.suspicions = new Suspicions(needs, this.time, this.dispatcher.out, (dispatch, why) =>
      this.giveUp(dispatch, why),
    );
    this.ownership = new Ownership(needs, {
      held: () => [...this.shards.values()].map(({ lease }) => lease),
      taken: (lease) => this.takeovers.take(lease),
      dropped: (shards) => this.drop(shards),
      release: (shard, to) => this.release(shard, to),
      hears: (owner) => this.dispatcher.windows.hears(owner),
    });
    this.admission = new Admission(
      needs,
      () => this.shards.get(0)?.lease,
      (grants) => this.granted(grants),
    );
    this.sweeps = new Loop(needs.clock, needs.log, "Sweeping", SWEEP_MS, () => this.sweep());
  }

  async start(): Promise<void> {
    this.actors.start();
    this.admission.start();
    this.sweeps.start();
    this.starting = this.ownership.start();
    await this.starting;
  }

  /** Gives every shard away, with nothing of it left undone or unacknowledged. */
  async stop(): Promise<void> {
    // A start that is still taking shards would go on behind the stop.
    await this.starting?.catch(() => {});
    await Promise.all([this.admission.stop(), this.actors.stop(), this.sweeps.stop()]);
    await this.ownership.stop();
  }

  /** The mailbox of a shard. Resolves, and so acknowledges, once what the items cause is committed and dispatched. */
  async receive(shard: number, items: readonly MailboxItem[]): Promise<void> {
    for (const item of items) {
      const held = this.shards.get(shard);
      if (!held?.loaded)
        throw new DqueueError("SHARD_NOT_OWNED", `Shard ${shard} is not this coordinator's, or not yet.`);
      // Even what changes nothing is acknowledged only by a statement that has found the shard still ours: an owner that
      // was replaced without knowing it would else swallow reports of runs that it has never heard of.
      if (item.type !== "look") this.commits.batch(held.lease);
      if (item.type === "mark") void this.mark(held, item.id);
      else if (item.type === "look") this.look(item.at);
      else if (this.condemned.oneByOne) await this.reportAlone(held, item);
      else this.report(held, item);
    }
    await this.commits.settled();
  }

  /** What a worker says each second, or in answer to a roll call. */
  heardWorker(beat: WorkerBeat): void {
    this.workers.heard(beat);
    for (const { run, step, fence } of this.suspicions.heard(beat, (shard) => revocableUpTo(this.shards.get(shard))))
      this.needs.bus.order({ type: "revoke", run, step, fence });
    for (const held of this.shards.values()) this.takeovers.conclude(held);
    this.commits.kick();
  }

  /** What an owner says each second, this one's own words among them. */
  heardOwner(backlog: OwnerBacklog): void {
    if (backlog.owner === this.needs.options.owner) this.time.echo();
    this.dispatcher.windows.heard(backlog);
  }

  describe(): OwnerDescription {
    const shards = [...this.shards.values()].map(({ lease, runs }) => ({
      ...{ id: lease.id, epoch: lease.epoch, runs: runs.size },
    }));
    return { owner: this.needs.options.owner, shards, waiting: this.dispatcher.waiting() };
  }

  /** The shard of an actor; null where it is not held any more, or another actor stands for the run by now. */
  private heldOf(run: Run): HeldShard | null {
    const held = this.shards.get(run.record.shard);
    return held?.runs.get(run.record.id) === run ? held : null;
  }

  private apply(run: Run, event: RunEvent): void {
    const held = this.heldOf(run);
    if (!held) return;
    const changes = transition(run, event);
    if (changes.length === 0) return;
    const batch = this.commits.batch(held.lease);
    this.behind.add(run);
    for (const change of changes) {
      if (change.type === "run") this.behind.delete(run);
      if (!this.orders.beforeCommit(run, change)) batch.add(run, change);
    }
  }

  private report(held: HeldShard, received: Report): void {
    const report = this.condemned.replace(received, this.needs.clock.now());
    if (!report) return;
    if (report.type === "logs") {
      const { run, step, attempt, chunk } = report;
      this.batchOf(held.lease.id).logs.push({ run, step, attempt, chunk });
      return;
    }
    const run = held.runs.get(report.run);
    const step = run && (run.hook?.key === report.step ? run.hook : run.steps.get(report.step));
    if (!step?.dispatched || step.fence !== report.fence) {
      // Somebody performs what no longer counts: an ended run's step, or an older dispatch.
      if (report.type === "started" && report.fence <= held.committed)
        this.needs.bus.order({ ...report, type: "revoke" });
      return;
    }
    if (report.type === "released" && report.reason === "redelivered") return this.suspicions.redelivered(report.fence);
    // A worker that knows a higher epoch than ours would drop all we send: a restored database, a clock behind.
    if (report.type === "released" && report.epoch) held.lease.beat = Math.max(held.lease.beat, report.epoch);
    this.dispatcher.learn(step, report);
    this.orders.learn(step, report);
    for (const event of eventsOf(report, this.needs.clock.now())) this.apply(run!, event);
    if (!step.dispatched) this.dispatcher.out.closeStep(step, report.fence);
  }

  /** After a refusal of the database: a commit for each report, until it is known which one it refuses. */
  private async reportAlone(held: HeldShard, report: Report): Promise<void> {
    this.condemned.tookIn();
    this.report(held, report);
    try {
      await this.commits.settled();
    } catch (error) {
      if (error instanceof DqueueError && error.code === "UNSTORABLE") this.condemned.add(report);
      throw error;
    }
  }

  private async mark(held: HeldShard, id: string): Promise<void> {
    await this.commits.settled().catch(() => {});
    if (this.shards.get(held.lease.id) !== held) return;
    if (!this.takeovers.markIsBack(held, id)) this.suspicions.markIsBack(held.lease.id, id);
  }

  private look(at: "queue" | "grants" | "cancel"): void {
    if (at === "queue") this.admission.queued();
    else if (at === "grants") this.actors.lookForGrants();
    else this.actors.lookForCancels();
  }

  private granted(grants: Admitted["grants"]): void {
    const own = grants.filter(({ shard }) => this.shards.has(shard));
    if (own.length > 0) this.actors.loadGranted(own.map(({ run }) => run));
    const others = new Set(grants.map(({ shard }) => shard).filter((shard) => !this.shards.has(shard)));
    for (const shard of others) this.sendLook(shard, "grants");
  }

  /** The database has refused that a run ends by itself: another actor of it stands where it stood, and is canceled. */
  private canceledFirst(ended: Run, actor: Run): readonly Change[] {
    this.alarms.forget(ended);
    this.heldOf(ended)?.runs.set(actor.record.id, actor);
    return transition(actor, { type: "CANCEL_REQUESTED", at: this.needs.clock.now() });
  }

  private ended(run: Run): void {
    this.heldOf(run)?.runs.delete(run.record.id);
    this.alarms.forget(run);
    this.dispatcher.values.forget(run.record.id);
    this.actors.ended(run);
    if (this.shards.has(0)) this.admission.roomCame();
    else this.sendLook(0, "queue");
  }

  private sendLook(shard: number, at: "queue" | "grants"): void {
    // A line that is lost is made good by the sweeps.
    this.needs.bus
      .send(shard, { type: "look", shard, at })
      .catch((error: Error) => this.needs.log.debug(`A line to shard ${shard} was not sent: ${error.message}`));
  }

  private drawFence(shard: number, run: Run, step: Step): number {
    const fence = ++this.shards.get(shard)!.lease.beat;
    this.apply(run, { type: "DISPATCHED", step: step.key, fence, at: this.needs.clock.now() });
    return fence;
  }

  private async committed(batch: ShardBatch): Promise<void> {
    noteCommitted(this.shards.get(batch.lease.id), batch.dispatches);
    for (const { run, change } of batch.orders) this.orders.afterCommit(run, change);
    const sent = this.dispatcher.send(batch.dispatches, (dispatch) => this.uncertain(dispatch));
    const changed = [...batch.touched].map(({ record: { id, job }, status, seq }) => ({ id, job, status, seq }));
    if (changed.length > 0) this.needs.bus.announce(changed);
    await sent;
  }

  /** Nobody can say whether it will arrive: where no report comes soon, it goes again under a new fence. */
  private uncertain(dispatch: Dispatch): void {
    const due = this.needs.clock.now() + UNCERTAIN_MS;
    this.alarms.at(dispatch.run, due, () => this.again(dispatch, "its dispatch was not confirmed"));
  }

  /** Dispatches once more, under a new fence, what has not begun or whose beginning counts for nothing. */
  private again(dispatch: Dispatch, reason: string): void {
    const { run, step, fence } = dispatch;
    this.apply(run, { type: "RELEASED", step: step.key, fence, at: this.needs.clock.now(), reason });
    this.dispatcher.out.close(dispatch);
  }

  /** A suspicion has been confirmed. */
  private giveUp(dispatch: Dispatch, why: string): void {
    const { run, step, fence, begun, returned, queue, sentAt } = dispatch;
    const at = this.needs.clock.now();
    this.needs.log.info(`A step is given up: ${why}.`, { run: run.record.id, step: step.key });
    // One that kills its worker at once is never reported to have begun: that the worker is gone says it.
    const vanished = returned && !begun ? this.workers.vanished(queue, sentAt) : null;
    const startedAt = step.status === "STARTED" ? step.startedAt : begun || vanished !== null ? at : null;
    if (startedAt !== null) this.dispatcher.trials.doubt(step);
    const error = { name: "StepLost", code: "STEP_LOST", message: `The step was lost: ${why}.` };
    const worker = dispatch.holder ?? step.worker ?? vanished ?? undefined;
    this.apply(run, { type: "LOST", step: step.key, fence, at, startedAt, worker, error });
    this.dispatcher.out.close(dispatch);
    this.needs.bus.order({ type: "revoke", run: run.record.id, step: step.key, fence });
  }

  private batchOf(shard: number): ShardBatch {
    return this.commits.batch(this.shards.get(shard)!.lease);
  }

  private unknown(shards: number[], error: Error): void {
    if (error instanceof DqueueError && error.code === "UNSTORABLE") this.condemned.begin();
    void this.drop(shards).then(() => this.ownership.lookNow());
  }

  private async drop(shards: number[]): Promise<void> {
    const held = shards.filter((shard) => this.shards.has(shard));
    for (const shard of held) this.forget(shard);
    await Promise.all(held.map((shard) => this.needs.bus.closeMailbox(shard, { requeue: true })));
  }

  private async release(shard: number, to: string | null): Promise<boolean> {
    const held = this.shards.get(shard);
    // One that is being taken over still opens its mailbox, and is not handed on yet.
    if (!held || (to !== null && held.takeover !== null)) return false;
    await this.needs.bus.closeMailbox(shard, { requeue: false });
    await this.commits.settled().catch(() => {});
    if (this.shards.get(shard) !== held) return false;
    this.forget(shard);
    return this.needs.store.releaseShard(held.lease, this.needs.options.owner, to);
  }

  private forget(shard: number): void {
    for (const run of this.shards.get(shard)?.runs.values() ?? []) {
      this.alarms.forget(run);
      this.dispatcher.values.forget(run.record.id);
    }
    this.shards.delete(shard);
    this.commits.forget(shard);
    this.dispatcher.forgetShard(shard);
  }

  /** What of a run its row tells beside its status: how many steps have ended, and the number of its last event. */
  private writeCounters(): void {
    for (const run of this.behind) if (this.heldOf(run)) this.batchOf(run.record.shard).add(run, { type: "run" });
    this.behind.clear();
  }

  private async sweep(): Promise<void> {
    this.writeCounters();
    for (const held of this.shards.values()) {
      this.takeovers.conclude(held);
      this.takeovers.callTheRoll(held);
    }
    const { owner } = this.needs.options;
    const takesShards = this.ownership.takesShards();
    const shards = [...this.shards.values()].map(({ lease: { id, epoch } }) => ({ shard: id, epoch }));
    this.needs.bus.shareBacklog({ owner, takesShards, shards, queues: this.dispatcher.waiting() });
    await this.suspicions.sweep();
    this.commits.kick();
  }
}
