import { DqueueError } from "../core/errors";
import type { CommitBatch, ShardLease } from "../core/records";
import { beforeItsEnd } from "../core/restore";
import type { Run } from "../core/run";
import type { Change } from "../core/run-events";
import type { ShardBatch } from "./batch";
import { Batch } from "./batch";
import type { Needs } from "./ports";

/** Rows, not messages, in one statement: 500 reports of 4 MB would be 2 GB. */
const MAX_ROWS = 5_000;

/** What the commits call back into their owner. */
export interface CommitListener {
  /** Just before a batch is closed: the last moment to add dispatches to it. */
  beforeCommit(): void;
  /** The rows stand: dispatch and order. Resolves once the broker has confirmed. */
  committed(shard: ShardBatch): Promise<void>;
  /** These shards are somebody else's by now: nothing of them was written. */
  lost(shards: number[]): void;
  /** This actor is to stand for a run whose cancel had been accepted before it ended. @returns what follows for the batch. */
  canceledFirst(ended: Run, actor: Run): readonly Change[];
  /** Whether it was written is unknown: actors are ahead of the database and must be rebuilt. */
  unknown(shards: number[], error: Error): void;
  /** A commit went through: as good as a beat. Started at this monotonic time. */
  wentThrough(startedAt: number): void;
}

/**
 * Group commit: while one statement is on its way, everything decided gathers for the next. One statement, one round
 * trip, then the dispatches, then the acknowledgements; the next commit does not wait for the broker.
 */
export class GroupCommit {
  private readonly waiting: Batch[] = [new Batch()];
  private running = false;
  private scheduled = false;
  private asked = false;

  constructor(
    private readonly needs: Needs,
    private readonly listener: CommitListener,
  ) {}

  /** Where decisions of a shard go. */
  batch(lease: ShardLease): ShardBatch {
    let last = this.waiting.at(-1)!;
    if (last.rows >= MAX_ROWS) this.waiting.push((last = new Batch()));
    this.schedule();
    return last.of(lease);
  }

  /** Resolves once everything decided up to now is committed and dispatched; rejects if it came to nothing. */
  settled(): Promise<void> {
    this.schedule();
    return this.waiting.at(-1)!.done;
  }

  /** Lets dispatches go out for which room has come. */
  kick(): void {
    this.schedule();
  }

  /** Forgets what was decided for a shard that is no longer held. What waits for it is refused with the batch. */
  forget(shard: number): void {
    for (const batch of this.waiting) batch.drop(shard);
  }

  private schedule(): void {
    // While a turn is in hand too: it may be about to end, and whoever waits for an empty batch would wait for ever.
    this.asked = true;
    if (this.running || this.scheduled) return;
    this.scheduled = true;
    this.needs.clock.soon(() => {
      this.scheduled = false;
      this.running = true;
      void this.run().finally(() => {
        this.running = false;
        if (this.asked) this.schedule();
      });
    });
  }

  private async run(): Promise<void> {
    while (this.asked || this.waiting.length > 1) {
      this.asked = false;
      this.listener.beforeCommit();
      const batch = this.waiting.shift()!;
      if (this.waiting.length === 0) this.waiting.push(new Batch());
      await this.write(batch);
    }
  }

  private async write(batch: Batch): Promise<void> {
    if (batch.shards.size === 0) return batch.end();
    const startedAt = this.needs.clock.monotonic();
    try {
      while (batch.shards.size > 0) {
        const result = await this.needs.store.commit(this.statement(batch));
        if (result.ok) break;
        for (const id of result.lost) batch.drop(id);
        if (result.lost.length > 0) this.listener.lost(result.lost);
        for (const id of result.canceled) this.cancelInstead(batch, id);
      }
    } catch (error) {
      const refused = error instanceof DqueueError && error.code === "UNSTORABLE";
      if (!refused) this.needs.log.warn(`A commit has an unknown outcome: ${(error as Error).message}`);
      this.listener.unknown([...batch.shards.keys()], error as Error);
      return batch.reject(error as Error);
    }
    this.listener.wentThrough(startedAt);
    const dispatched = [...batch.shards.values()].map((shard) => this.listener.committed(shard));
    void Promise.all(dispatched).then(
      () => batch.end(),
      (error: Error) => batch.reject(error),
    );
  }

  /** A run does not end by itself once its cancel was accepted: it is as if the cancel had come just before the end. */
  private cancelInstead(batch: Batch, id: string): void {
    for (const shard of batch.shards.values()) {
      const ended = [...shard.runs.keys()].find(({ record }) => record.id === id);
      if (!ended) continue;
      const seq = shard.endOf(ended);
      // The dispatch of its hook may stand in a later batch.
      for (const one of [batch, ...this.waiting]) one.shards.get(shard.lease.id)?.dropEnd(ended, seq);
      const actor = beforeItsEnd(ended, seq - 1);
      for (const change of this.listener.canceledFirst(ended, actor)) shard.add(actor, change);
    }
  }

  private statement(batch: Batch): CommitBatch {
    const statement: CommitBatch = {
      owner: this.needs.options.owner,
      shards: [],
      runs: [],
      steps: [],
      items: [],
      events: [],
      logs: [],
    };
    for (const shard of batch.shards.values()) {
      statement.shards.push({ ...shard.lease });
      for (const run of shard.runs.values()) statement.runs.push(run);
      for (const step of shard.steps.values()) statement.steps.push(step);
      for (const item of shard.items) statement.items.push(item);
      for (const event of shard.events) statement.events.push(event);
      for (const log of shard.logs) statement.logs.push(log);
    }
    return statement;
  }
}
