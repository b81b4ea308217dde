import type { Database } from "../../store/database";
import { countOpenSteps, type QueueCounts } from "../../store/queries/cluster";
import type { Backlogs } from "./backlogs";
import { fresh } from "./fresh";
import type { WorkerItem, Workers } from "./workers";

/** A step queue as the API shows it. */
export interface QueueItem {
  name: string;
  /** Steps that wait: dispatched ones and those held back. */
  queued: number;
  /** Of these, the ones that their owners have not dispatched yet. */
  held_back: number;
  running: number;
  up_for_retry: number;
  /** null: the broker does not say. */
  messages: number | null;
  workers: number;
  slots: number;
  busy: number;
}

interface Needs {
  readonly db: Database;
  readonly workers: Workers;
  readonly backlogs: Backlogs;
  readonly queueDepth: (queue: string) => Promise<{ messages: number }>;
}

const FRESH_MS = 1_000;
const NOTHING: Omit<QueueCounts, "queue"> = { queued: 0, running: 0, up_for_retry: 0 };

/** The queues that have open steps or workers. Counted at most once a second, however many ask. */
export const queueReader = ({ db, workers, backlogs, queueDepth }: Needs): (() => Promise<QueueItem[]>) => {
  const read = async (): Promise<QueueItem[]> => {
    const counts = new Map((await countOpenSteps(db)).map((row) => [row.queue, row]));
    const live = workers.list();
    const heldBack = backlogs.heldBack();
    const names = new Set([...counts.keys(), ...heldBack.keys(), ...live.flatMap(({ queues }) => queues)]);
    return Promise.all(
      [...names].sort().map(async (name) => {
        const { queued, running, up_for_retry } = counts.get(name) ?? NOTHING;
        const messages = await queueDepth(name).then(
          (depth) => depth.messages,
          () => null,
        );
        const held = heldBack.get(name) ?? 0;
        return {
          ...{ name, queued: queued + held, held_back: held, running, up_for_retry, messages },
          ...capacity(live, name),
        };
      }),
    );
  };
  return fresh(FRESH_MS, read);
};

const capacity = (workers: readonly WorkerItem[], queue: string) => {
  const own = workers.filter(({ queues }) => queues.includes(queue));
  const sum = (of: (worker: WorkerItem) => number): number => own.reduce((total, worker) => total + of(worker), 0);
  return { workers: own.length, slots: sum(({ slots }) => slots), busy: sum(({ busy }) => busy) };
};
