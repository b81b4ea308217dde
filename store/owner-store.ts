import type {
  CommitBatch,
  LastSeen,
  RunRecord,
  ShardLease,
  ShardRecord,
  TakeoverOutcome,
  ValueKey,
} from "../core/records";
import { commit } from "./commit";
import type { Database } from "./database";
import { readValues } from "./read-values";
import { admitQueued, cancelIntents, grantedRuns, loadRuns, loadSteps } from "./runs";
import { beat, joinCoordinators, liveCoordinators, readShards, releaseShard, takeShard } from "./shards";
import { noteTakeover } from "./takeovers";

/** Everything that the owner of shards needs of the database, bound to it. */
export const ownerStore = (db: Database) => ({
  join: (owner: string) => joinCoordinators(db, owner),
  readShards: async (): Promise<{ shards: ShardRecord[]; live: string[] }> => ({
    // In this order: an owner that is read here and then dies is found dead at once, not one that joined in between.
    shards: await readShards(db),
    live: await liveCoordinators(db),
  }),
  takeShard: (shard: ShardRecord, owner: string, seen: LastSeen) => takeShard(db, { shard, owner, seen }),
  releaseShard: (lease: ShardLease, owner: string, to: string | null) => releaseShard(db, lease, owner, to),
  noteTakeover: (lease: ShardLease, outcome: TakeoverOutcome) => noteTakeover(db, lease, outcome),
  beat: (owner: string, leases: ShardLease[]) => beat(db, owner, leases),
  commit: (batch: CommitBatch) => commit(db, batch),
  grantedRuns: (shards: number[], except: string[]): Promise<RunRecord[]> => grantedRuns(db, shards, except),
  loadRuns: (ids: string[]): Promise<RunRecord[]> => loadRuns(db, ids),
  cancelRequested: (shards: number[]): Promise<RunRecord[]> => cancelIntents(db, shards),
  loadSteps: (runs: string[]) => loadSteps(db, runs),
  admitQueued: (maxConcurrentRuns: number, admitter: { owner: string; epoch: number }) =>
    admitQueued(db, { maxConcurrentRuns, admitter }),
  readValues: (keys: ValueKey[]) => readValues(db, keys),
});
