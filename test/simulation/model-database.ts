import type { OwnerStore } from "../../coordinator/ports";
import type { GraphSnapshot } from "../../core/graph";
import type { StoredValue } from "../../core/messages";
import type {
  Admitted,
  CommitBatch,
  CommitResult,
  EventRecord,
  ItemRecord,
  RestoredStep,
  RunChange,
  RunRecord,
  ShardLease,
  ShardRecord,
  StepRecord,
  ValueKey,
} from "../../core/records";
import { runHasEnded, stepHasEnded } from "../../core/status";
import type { Process, World } from "./world";

/** What may be broken on purpose, to see the invariants catch it. */
export interface DatabaseBugs {
  noEpochCheck?: boolean;
  answersBeforeWriting?: boolean;
  /** A run may end by itself although its cancel was accepted. */
  noCancelCheck?: boolean;
  /** A coordinator whose lock went with its connection has joined for good. */
  joinsOnlyOnce?: boolean;
}

/** The most that three faults can cause. */
const MOST_TAKES = 12;

interface RunRow {
  record: RunRecord;
  change: RunChange | null;
  steps: Map<string, StepRecord>;
  items: ItemRecord[];
  events: Map<number, EventRecord>;
}

/** Postgres as the owner's protocol sees it: statements are atomic, answers may be late or lost. */
export class ModelDatabase {
  readonly shards: ShardRecord[];
  readonly runs = new Map<string, RunRow>();
  readonly grants = new Set<string>();
  private readonly members = new Set<Process>();
  private readonly joined = new WeakSet<Process>();
  /** By shard: how often it was taken. */
  private readonly takes: number[];

  constructor(
    private readonly world: World,
    shards: number,
    private readonly bugs: DatabaseBugs,
    private readonly committed: (step: StepRecord, before: StepRecord | undefined) => void,
  ) {
    this.shards = Array.from({ length: shards }, (_, id) => ({ id, owner: null, epoch: 0, beat: 0 }));
    this.takes = this.shards.map(() => 0);
  }

  /** The server sees a client's connection as broken: its lock is gone, and stays gone until the client joins again. */
  disconnect(process: Process): void {
    this.members.delete(process);
  }

  create(id: string, shard: number, graph: GraphSnapshot, priority: number): void {
    const { now } = this.world;
    const record: RunRecord = {
      ...{ id, job: graph.job, shard, status: "QUEUED", priority, tags: {}, config: {}, graph, selection: null },
      ...{ parentRunId: null, rootRunId: null, createdAt: now, admittedAt: null, startedAt: null, endedAt: null },
      ...{ cancelRequestedAt: null, failureReason: null, seq: 1 },
    };
    this.runs.set(id, { record, change: null, steps: new Map(), items: [], events: new Map() });
  }

  statusOf(row: RunRow): RunRecord["status"] {
    return row.change?.status ?? row.record.status;
  }

  /** The database as one process reaches it. */
  clientOf(process: Process): OwnerStore {
    const call = <T>(act: () => T): Promise<T> => this.call(process, act);
    return {
      join: () =>
        call(() => {
          if (this.bugs.joinsOnlyOnce && this.joined.has(process)) return { close: async () => {} };
          this.joined.add(process);
          this.members.add(process);
          return { close: async () => void this.members.delete(process) };
        }),
      readShards: () => call(() => ({ shards: this.shards.map((shard) => ({ ...shard })), live: this.live() })),
      takeShard: (read, owner) => call(() => this.take(read, owner)),
      releaseShard: (lease, owner, to) =>
        call(() => {
          const shard = this.shards[lease.id]!;
          if (shard.owner !== owner || shard.epoch !== lease.epoch) return false;
          shard.owner = to;
          return true;
        }),
      // For people alone: nothing depends on it.
      noteTakeover: async () => {},
      beat: (owner, leases) => call(() => leases.filter((lease) => !this.beat(owner, lease)).map(({ id }) => id)),
      commit: (batch) => this.commit(process, batch),
      grantedRuns: (shards, except) => {
        const known = new Set(except);
        return call(() => this.records((row) => this.isLive(row) && this.grants.has(row.record.id), shards, known));
      },
      loadRuns: (ids) => {
        const wanted = new Set(ids);
        const shards = this.shards.map(({ id }) => id);
        return call(() => this.records((row) => wanted.has(row.record.id), shards));
      },
      cancelRequested: (shards) =>
        call(() => this.records((row) => this.isLive(row) && row.record.cancelRequestedAt !== null, shards)),
      loadSteps: (ids) => call(() => this.loadSteps(ids)),
      admitQueued: (most, { owner, epoch }) =>
        call(() => {
          const [first] = this.shards;
          return first!.owner === owner && first!.epoch === epoch ? this.admit(most) : { grants: [], emptied: true };
        }),
      readValues: (keys) => call(() => keys.map((key) => this.value(key))),
    };
  }

  value(key: ValueKey): StoredValue | null {
    const row = this.runs.get(key.run)!;
    if ("item" in key) return row.items.find((item) => item.step === key.step && item.key === key.item)?.value ?? null;
    return row.steps.get(key.step)?.outputs?.[key.output] ?? null;
  }

  private call<T>(process: Process, act: () => T): Promise<T> {
    const { random } = this.world;
    return new Promise<T>((resolve, reject) => {
      const lost = (): void => {
        // Refused, or a black hole that only the client's own timeout ends.
        const error = new Error("the database did not answer");
        this.world.after(process.hangs ? 30_000 : random.between(100, 3_000), process, () => reject(error));
      };
      if (process.databaseCuts > 0) return lost();
      this.world.after(this.latency(), null, () => {
        // A killed client's statement that has been sent is performed all the same.
        let answer: T;
        try {
          answer = act();
        } catch (error) {
          return void this.world.after(1, process, () => reject(error as Error));
        }
        if (process.databaseCuts > 0) return lost();
        this.world.after(this.latency(), process, () => resolve(answer));
      });
    });
  }

  private latency(): number {
    const { random } = this.world;
    return random.chance(0.03) ? random.between(20, 400) : random.between(0.2, 3);
  }

  /** Coordinators whose connection, and with it their advisory lock, stands. A pause does not end it. */
  private live(): string[] {
    return [...this.members]
      .filter(({ state, databaseCuts }) => state !== "dead" && databaseCuts === 0)
      .map(({ name }) => name);
  }

  private take(read: ShardRecord, owner: string): ShardLease | null {
    const shard = this.shards[read.id]!;
    if (shard.owner !== read.owner || shard.epoch !== read.epoch || shard.beat !== read.beat) return null;
    const epoch = Math.max(Math.floor(this.world.now * 1000), shard.beat + 10_000_000);
    if (epoch <= shard.epoch) this.world.violated("an epoch did not rise");
    if (++this.takes[read.id]! > MOST_TAKES) this.world.violated(`shard ${read.id} changes hands without end`);
    Object.assign(shard, { owner, epoch, beat: epoch });
    this.world.note(() => `${owner} takes shard ${shard.id}`);
    return { id: shard.id, epoch, beat: epoch };
  }

  private beat(owner: string, lease: ShardLease): boolean {
    const shard = this.shards[lease.id]!;
    if (shard.owner !== owner || shard.epoch !== lease.epoch) return false;
    shard.beat = Math.max(shard.beat + 1, lease.beat);
    return true;
  }

  private commit(process: Process, batch: CommitBatch): Promise<CommitResult> {
    const copy = structuredClone(batch);
    if (!this.bugs.answersBeforeWriting) return this.call(process, () => this.write(copy));
    this.world.after(
      this.world.random.between(5, 40),
      null,
      () => void (process.state === "running" && this.write(copy)),
    );
    return Promise.resolve({ ok: true });
  }

  private write(batch: CommitBatch): CommitResult {
    const lost = batch.shards.filter(({ id, epoch }) => {
      const shard = this.shards[id]!;
      return shard.owner !== batch.owner || shard.epoch !== epoch;
    });
    const canceled = this.bugs.noCancelCheck ? [] : batch.runs.filter((run) => this.isOvertaken(run));
    if ((lost.length > 0 && !this.bugs.noEpochCheck) || canceled.length > 0)
      return { ok: false, lost: lost.map(({ id }) => id), canceled: canceled.map(({ id }) => id) };
    for (const lease of batch.shards) this.beat(batch.owner, lease);
    for (const step of batch.steps) this.writeStep(step);
    for (const item of batch.items) this.writeItem(item);
    for (const event of batch.events) this.writeEvent(event);
    for (const run of batch.runs) this.writeRun(run);
    return { ok: true };
  }

  /** True of a run that is to end by itself, but whose cancel was accepted before. */
  private isOvertaken({ id, status }: RunChange): boolean {
    const row = this.runs.get(id)!;
    return runHasEnded(status) && status !== "CANCELED" && this.isLive(row) && row.record.cancelRequestedAt !== null;
  }

  private writeStep(step: StepRecord): void {
    const { steps } = this.runs.get(step.run)!;
    const before = steps.get(step.step);
    if (before && stepHasEnded(before.status)) return;
    if (before && step.fence < before.fence) this.world.violated(`the fence of ${step.run} ${step.step} fell`);
    this.committed(step, before);
    steps.set(step.step, step);
  }

  private writeItem(item: ItemRecord): void {
    const { items } = this.runs.get(item.run)!;
    if (!items.some(({ step, key }) => step === item.step && key === item.key)) items.push(item);
  }

  private writeEvent(event: EventRecord): void {
    const { events } = this.runs.get(event.run)!;
    this.world.note(() => `event ${event.seq} of ${event.run} ${event.type} ${event.step ?? ""}`);
    if (events.has(event.seq)) this.world.violated(`event ${event.seq} of ${event.run} was written twice`);
    events.set(event.seq, event);
  }

  private writeRun(change: RunChange): void {
    const row = this.runs.get(change.id)!;
    if (row.change && runHasEnded(row.change.status)) return;
    row.change = change;
    if (runHasEnded(change.status)) this.grants.delete(change.id);
  }

  private isLive(row: RunRow): boolean {
    return !runHasEnded(this.statusOf(row));
  }

  private records(which: (row: RunRow) => boolean, shards: number[], except = new Set<string>()): RunRecord[] {
    const rows = [...this.runs.values()].filter(
      (row) => shards.includes(row.record.shard) && !except.has(row.record.id) && which(row),
    );
    return rows.map((row) => ({ ...row.record, ...this.written(row), seq: Math.max(1, ...row.events.keys()) }));
  }

  private written({ change }: RunRow): Partial<RunRecord> {
    if (!change) return {};
    const { status, admittedAt, startedAt, endedAt, failureReason } = change;
    return { status, admittedAt, startedAt, endedAt, failureReason };
  }

  private loadSteps(ids: string[]): Awaited<ReturnType<OwnerStore["loadSteps"]>> {
    const rows = ids.map((id) => this.runs.get(id)!);
    return {
      steps: rows.flatMap(({ steps }) =>
        [...steps.values()].map((step): RestoredStep & { run: string } => ({
          ...structuredClone(step),
          outputNames: step.outputs && Object.keys(step.outputs),
        })),
      ),
      items: rows.flatMap(({ items }) => [...items].sort((a, b) => a.ordinal - b.ordinal)),
    };
  }

  private admit(most: number): Admitted {
    const queued = [...this.runs.values()]
      .filter((row) => this.statusOf(row) === "QUEUED" && !this.grants.has(row.record.id))
      .sort((a, b) => b.record.priority - a.record.priority || a.record.createdAt - b.record.createdAt);
    const room = Math.max(0, most - this.grants.size);
    const admitted = queued.slice(0, room);
    for (const { record } of admitted) this.grants.add(record.id);
    if (this.grants.size > most) this.world.violated("more runs were admitted than may run at once");
    const grants = admitted.map(({ record }) => ({ run: record.id, shard: record.shard }));
    return { grants, emptied: grants.length < room };
  }
}
