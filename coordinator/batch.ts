import type { LogRecord, EventRecord, ItemRecord, RunChange, ShardLease, StepRecord } from "../core/records";
import type { Run, Step } from "../core/run";
import type { Change } from "../core/run-events";
import { runChange } from "../core/turn";
import type { Dispatch } from "./dispatches";

/** How a run ends by itself. */
const ENDS: ReadonlySet<string> = new Set(["RUN_SUCCESS", "RUN_FAILURE"]);

/** Everything decided for one shard since the last commit. */
export class ShardBatch {
  readonly runs = new Map<Run, RunChange>();
  readonly steps = new Map<Step, StepRecord>();
  readonly items: ItemRecord[] = [];
  events: EventRecord[] = [];
  readonly logs: LogRecord[] = [];
  /** To be sent once committed: the rows are the outbox. */
  readonly dispatches: Dispatch[] = [];
  orders: { run: Run; change: Change }[] = [];
  /** Runs with events in this batch. */
  readonly touched = new Set<Run>();

  constructor(readonly lease: ShardLease) {}

  /** Rows of the same run or step replace each other: only what stands at the commit is written. */
  add(run: Run, change: Change): void {
    switch (change.type) {
      case "run":
        // As it stands now: the run may be further by the time the batch is written, its events then are not.
        this.runs.set(run, runChange(run));
        break;
      case "step":
        this.steps.set(change.step, change.record);
        break;
      case "item":
        this.items.push(change.record);
        break;
      case "event":
        this.events.push(change.record);
        this.touched.add(run);
        break;
      default:
        this.orders.push({ run, change });
    }
  }

  /** The number of the event by which a run ends here by itself. */
  endOf(run: Run): number {
    const end = this.events.find(({ run: id, type }) => id === run.record.id && ENDS.has(type));
    if (!end) throw new Error(`Run ${run.record.id} does not end in this batch.`);
    return end.seq;
  }

  /** Throws away that a run has ended, and what follows from it: everything from the event of that number on. */
  dropEnd(run: Run, seq: number): void {
    this.runs.delete(run);
    if (run.hook) this.steps.delete(run.hook);
    this.events = this.events.filter((event) => event.run !== run.record.id || event.seq < seq);
    this.orders = this.orders.filter((order) => order.run !== run || order.change.type !== "ended");
    this.touched.delete(run);
  }

  get rows(): number {
    return this.steps.size + this.items.length + this.events.length + this.logs.length;
  }
}

/** What one commit writes, of all shards of an owner, and who waits for it. */
export class Batch {
  readonly shards = new Map<number, ShardBatch>();
  readonly done: Promise<void>;
  reject!: (reason: Error) => void;
  private resolve!: () => void;
  private incomplete = false;

  constructor() {
    this.done = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits sees the rejection; nobody may be waiting.
    this.done.catch(() => {});
  }

  of(lease: ShardLease): ShardBatch {
    let shard = this.shards.get(lease.id);
    if (!shard) this.shards.set(lease.id, (shard = new ShardBatch(lease)));
    return shard;
  }

  /** Throws away what was decided for a shard. */
  drop(shard: number): void {
    this.incomplete = this.shards.delete(shard) || this.incomplete;
  }

  /**
   * What is left of it is committed and dispatched. Where all is, what caused it may be acknowledged; else it is to be
   * delivered again: what was written of it changes nothing a second time.
   */
  end(): void {
    if (this.incomplete) this.reject(new Error("The shard was given up before the commit."));
    else this.resolve();
  }

  get rows(): number {
    let rows = 0;
    for (const shard of this.shards.values()) rows += shard.rows + shard.runs.size;
    return rows;
  }
}
