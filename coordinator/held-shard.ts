import type { ShardLease } from "../core/records";
import type { Run } from "../core/run";

/** A shard that this coordinator owns, with the actors of its runs. */
export interface HeldShard {
  /** `beat` is the highest fence drawn. */
  readonly lease: ShardLease;
  readonly runs: Map<string, Run>;
  /** False until its runs are in memory: before that, a report would seem to be about a run that is over. */
  loaded: boolean;
  /** Until it is known what workers hold of the dispatches that were found: roll call and mark share their id. */
  takeover: { id: string; markIsBack: boolean } | null;
}
