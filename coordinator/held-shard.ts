import type { ShardLease } from "../core/records";
import type { Run } from "../core/run";
import type { Dispatch } from "./dispatches";

interface Takeover {
  readonly id: string;
  /** On the clock that only rises. */
  readonly takenAt: number;
  /** Runs that were found in it. */
  runs: number;
  /** How long after its taking the mark was back, and so its runs were served again; null: it is not back. */
  servedMs: number | null;
}

/** A shard that this coordinator owns, with the actors of its runs. */
export interface HeldShard {
  /** `beat` is the highest fence drawn. */
  readonly lease: ShardLease;
  /** The highest fence of which the database has said that it is ours, or of somebody before us. */
  committed: number;
  readonly runs: Map<string, Run>;
  /** False until its runs are in memory: before that, a report would seem to be about a run that is over. */
  loaded: boolean;
  /** Until it is known what workers hold of the dispatches that were found: roll call and mark share their id. */
  takeover: Takeover | null;
}

/** The dispatches stand in the database. */
export const noteCommitted = (held: HeldShard | undefined, dispatches: readonly Dispatch[]): void => {
  if (held) for (const { fence } of dispatches) held.committed = Math.max(held.committed, fence);
};

/**
 * What a worker holds beyond this may have been dispatched by somebody who has replaced us, and is not ours to revoke;
 * nor is `lease.beat` that limit, for an owner that has been replaced draws fences, too, until it hears of it.
 */
export const revocableUpTo = (held: HeldShard | undefined): number =>
  // During a takeover what a worker lists may not be in memory yet.
  held?.loaded && held.takeover === null ? held.committed : 0;
