import type { Database } from "../../store/database";
import { lostSteps } from "../../store/queries/cluster";
import { isUuid } from "../../store/queries/paging";
import { fresh } from "./fresh";
import type { LostWorker, Workers } from "./workers";

/** A worker that vanished, and what became of the steps that it had in hand. */
export interface LostWorkerItem {
  id: string;
  host: string;
  queues: string[];
  slots: number;
  last_seen_at: string;
  /** Steps that it had in hand. */
  held: number;
  /** Of these, the ones that still count as running there; all others went back or have ended. */
  open: number;
  /** Of these, the ones that wait for another worker. */
  waiting: number;
}

const FRESH_MS = 1_000;

/** Who vanished, until ten minutes after its steps were settled: a worker that nobody misses is not shown for ever. */
export const lostWorkersReader = (db: Database, workers: Workers): (() => Promise<LostWorkerItem[]>) =>
  fresh(FRESH_MS, () => Promise.all(workers.lost().map((worker) => asItem(db, workers, worker))));

const asItem = async (db: Database, workers: Workers, { beat, lastSeenAt }: LostWorker): Promise<LostWorkerItem> => {
  const { worker: id, host, queues, slots, holds } = beat;
  // Whoever is on the bus can say anything there.
  const { open, waiting } = await lostSteps(
    db,
    holds.filter(({ run }) => isUuid(run)),
  );
  if (open === 0) workers.settle(id);
  return { id, host, queues, slots, last_seen_at: lastSeenAt.toISOString(), held: holds.length, open, waiting };
};
