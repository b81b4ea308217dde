import type { MailboxItem, StepAction, StoredValue, WorkerOrder } from "../core/messages";
import type {
  Admitted,
  CommitBatch,
  CommitResult,
  LastSeen,
  RestoredStep,
  RunRecord,
  ShardLease,
  ShardRecord,
  TakeoverOutcome,
  ValueKey,
} from "../core/records";
import type { RunStatus } from "../core/status";

/** Time, as the coordinator knows it. Simulated in tests. */
export interface Clock {
  /** Wall clock, ms since the epoch: for records alone. */
  now(): number;
  /** ms that only ever rise: for every decision about silence and lateness. */
  monotonic(): number;
  /** @returns a function that calls it off. */
  after(ms: number, act: () => void): () => void;
  /** Runs `act` once the message at hand is taken in. */
  soon(act: () => void): void;
}

/** What an owner needs of the database. */
export interface OwnerStore {
  /** Takes part: holds an advisory lock until closed, by which the others know that this coordinator lives. */
  join(owner: string): Promise<{ close(): Promise<void> }>;
  /** Every shard, and the names of coordinators that live. */
  readShards(): Promise<{ shards: ShardRecord[]; live: string[] }>;
  /**
   * Takes a shard as read, from another or from itself; null: somebody was faster, or its owner has moved on. Waits for
   * a statement in hand that holds the shard's row to end either way. It is put on record.
   */
  takeShard(read: ShardRecord, owner: string, seen: LastSeen): Promise<ShardLease | null>;
  /** Gives a shard away, to `to` or to whoever comes (null). @returns false where it was this owner's no more. */
  releaseShard(lease: ShardLease, owner: string, to: string | null): Promise<boolean>;
  /** Puts on record what taking a shard has come to. */
  noteTakeover(lease: ShardLease, outcome: TakeoverOutcome): Promise<void>;
  /** Writes the highest fences drawn. @returns shards that are no longer this owner's. */
  beat(owner: string, leases: ShardLease[]): Promise<number[]>;
  /** @throws DqueueError UNSTORABLE when the database refuses a value; anything else leaves the outcome unknown. */
  commit(batch: CommitBatch): Promise<CommitResult>;
  /** Granted runs that have not ended, and ended ones whose job hook has not; `except` are known already. */
  grantedRuns(shards: number[], except: string[]): Promise<RunRecord[]>;
  /** Runs by id. */
  loadRuns(ids: string[]): Promise<RunRecord[]>;
  /** Unended runs whose cancel was requested. */
  cancelRequested(shards: number[]): Promise<RunRecord[]>;
  loadSteps(runs: string[]): Promise<{
    steps: (RestoredStep & { run: string })[];
    items: { run: string; step: string; key: string }[];
  }>;
  /** Grants queued runs, by priority and age, up to the limit of runs that have not ended; none unless shard 0 is held so. */
  admitQueued(maxConcurrentRuns: number, admitter: { owner: string; epoch: number }): Promise<Admitted>;
  readValues(keys: ValueKey[]): Promise<(StoredValue | null)[]>;
}

/** What an owner needs of the bus. Every promise resolves when the broker has confirmed. */
export interface OwnerBus {
  /** Dispatches one bundle as one message. Rejects when it is uncertain whether it will arrive. */
  dispatch(actions: StepAction[], to: { queue: string; priority: number; bundle: string }): Promise<void>;
  send(shard: number, item: MailboxItem): Promise<void>;
  openMailbox(shard: number): Promise<void>;
  /** `requeue`: what was delivered and not acknowledged goes back; else it waits for that first. */
  closeMailbox(shard: number, how: { requeue: boolean }): Promise<void>;
  order(order: WorkerOrder): void;
  /** Messages that wait in a step queue. */
  queueDepth(queue: string): Promise<number>;
  /** Tells all owners, this one too, how much waits here, by queue. */
  shareBacklog(backlog: OwnerBacklog): void;
  /** Tells whoever watches which runs have changed, after the commit. */
  announce(runs: { id: string; job: string; status: RunStatus; seq: number }[]): void;
}

export interface OwnerBacklog {
  owner: string;
  /** False while it cannot read from the database: a shard that is given away then would lie about. */
  takesShards: boolean;
  /** Those that it holds. */
  shards: { shard: number; epoch: number }[];
  queues: Record<string, number>;
}

export interface Logger {
  debug(message: string, more?: object): void;
  info(message: string, more?: object): void;
  warn(message: string, more?: object): void;
  error(message: string, more?: object): void;
}

export interface OwnerOptions {
  owner: string;
  maxConcurrentRuns: number;
  /** How long a canceled step may take to stop by itself. */
  cancelGraceMs: number;
  /** True where this process alone holds queues and workers: nothing can be held by anyone after a start. */
  alone: boolean;
}

/** What everything in `coordinator/` receives. */
export interface Needs {
  readonly store: OwnerStore;
  readonly bus: OwnerBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: OwnerOptions;
}
