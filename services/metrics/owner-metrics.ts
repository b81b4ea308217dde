import type { ServiceBroker } from "moleculer";
import { Counter, Histogram, type Registry } from "prom-client";
import type { OwnerDescription } from "../../coordinator/owner";
import type { OwnerStore } from "../../coordinator/ports";
import type { CommitBatch, CommitResult, ShardRecord } from "../../core/records";
import { CommittedFacts } from "./committed-facts";
import { readGauge } from "./read-gauge";

/** From a millisecond, of a small commit, to an outage. */
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const COMMIT_ROWS = [1, 5, 20, 100, 500, 1_000, 2_500, 5_000];

/** The store as its owner uses it, with figures of what it has done for it: counted where the database has said yes. */
export const measuredOwnerStore = (store: OwnerStore, registry: Registry): OwnerStore => {
  const registers = [registry];
  const facts = new CommittedFacts(registry);
  const seconds = new Histogram({
    name: "dqueue_commit_duration_seconds",
    help: "Duration of the statements by which owners commit what they have decided.",
    ...{ buckets: COMMIT_SECONDS, registers },
  });
  const rows = new Histogram({
    name: "dqueue_commit_rows",
    help: "Rows of runs, steps, items, events and logs in one commit.",
    ...{ buckets: COMMIT_ROWS, registers },
  });
  const failures = new Counter({
    name: "dqueue_commit_failures_total",
    help: "Commits that failed: their outcome is unknown, and the owner takes its shards anew.",
    registers,
  });
  const admitted = new Counter({
    name: "dqueue_runs_admitted_total",
    help: "Queued runs that were let start.",
    registers,
  });
  const takeovers = shardsTaken(registry);

  return {
    ...store,
    commit: async (batch): Promise<CommitResult> => {
      const end = seconds.startTimer();
      const result = await store.commit(batch).catch((error: unknown) => {
        failures.inc();
        throw error;
      });
      if (!result.ok) return result;
      end();
      rows.observe(rowsOf(batch));
      facts.count(batch);
      return result;
    },
    admitQueued: async (...asked) => {
      const given = await store.admitQueued(...asked);
      admitted.inc(given.grants.length);
      return given;
    },
    takeShard: async (shard, owner, seen) => {
      const lease = await store.takeShard(shard, owner, seen);
      if (lease) takeovers[seen.handed ? "nobody" : formerOwner(shard, owner)].inc();
      return lease;
    },
  };
};

const rowsOf = ({ runs, steps, items, events, logs }: CommitBatch): number =>
  runs.length + steps.length + items.length + events.length + logs.length;

const FORMER = ["nobody", "another", "itself"] as const;

const formerOwner = ({ owner }: ShardRecord, taker: string): (typeof FORMER)[number] =>
  owner === null ? "nobody" : owner === taker ? "itself" : "another";

const shardsTaken = (registry: Registry) => {
  const counter = new Counter({
    name: "dqueue_shard_takeovers_total",
    help: "Shards that this coordinator took: of nobody, as it was new or given away, of another that died or stood still, or of itself after a failed commit.",
    labelNames: ["from"],
    registers: [registry],
  });
  const [nobody, another, itself] = FORMER.map((from) => {
    const child = counter.labels(from);
    // From the start on there, so that the first is a rise.
    child.inc(0);
    return child;
  });
  return { nobody: nobody!, another: another!, itself: itself! };
};

/** What the coordinator of this process holds now. */
export const ownerGauges = (broker: ServiceBroker, registry: Registry, maxConcurrentRuns: number): void => {
  const owned = (): Promise<OwnerDescription> => broker.call("coordinator.owned");
  readGauge(registry, {
    name: "dqueue_shards_owned",
    help: "Shards of which this coordinator is the owner.",
    read: async () => [[{}, (await owned()).shards.length]],
  });
  readGauge(registry, {
    name: "dqueue_runs_owned",
    help: "Runs under way in the shards of this coordinator.",
    read: async () => [[{}, (await owned()).shards.reduce((sum, { runs }) => sum + runs, 0)]],
  });
  readGauge(registry, {
    name: "dqueue_max_concurrent_runs",
    help: "Runs that may go on at a time, of all coordinators together.",
    read: () => [[{}, maxConcurrentRuns]],
  });
};
