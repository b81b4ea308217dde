import type { Database } from "../../store/database";
import { countOpenSteps, type QueueCounts, readQueueFlow } from "../../store/queries/cluster";
import type { Backlogs } from "./backlogs";
import { fresh } from "./fresh";
import { QueueTrend } from "./queue-trend";
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
  /** Messages that workers have in hand and have not acknowledged; null: the broker does not say. */
  unacked: number | null;
  workers: number;
  slots: number;
  busy: number;
  growth_per_second: number | null;
  /** Until nothing waits, at the pace of the last minute; null: it does not shrink, or is not known yet. */
  drained_in_seconds: number | null;
}

/** With what went in and out of late. */
export interface QueueFlowItem extends QueueItem {
  /** Steps that became ready; null: not known yet. */
  in_per_second: number | null;
  /** Steps that began. */
  out_per_second: number;
  oldest_ready_at: string | null;
}

interface Needs {
  readonly db: Database;
  readonly workers: Workers;
  readonly backlogs: Backlogs;
  readonly queueDepth: (queue: string) => Promise<{ messages: number }>;
  readonly unacked: (queues: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}

const FRESH_MS = 1_000;
const NOTHING: Omit<QueueCounts, "queue"> = { queued: 0, running: 0, up_for_retry: 0 };

/** The queues that have open steps or workers. Counted at most once a second, however many ask. */
export const queueReader = ({
  db,
  workers,
  backlogs,
  queueDepth,
  unacked: readUnacked,
}: Needs): (() => Promise<QueueItem[]>) => {
  const trend = new QueueTrend();
  const read = async (): Promise<QueueItem[]> => {
    const counts = new Map((await countOpenSteps(db)).map((row) => [row.queue, row]));
    const live = workers.list();
    const heldBack = backlogs.heldBack();
    const names = new Set([...counts.keys(), ...heldBack.keys(), ...live.flatMap(({ queues }) => queues)]);
    const unacked = readUnacked([...names]);
    const items = await Promise.all(
      [...names].sort().map(async (name) => {
        const { queued, running, up_for_retry } = counts.get(name) ?? NOTHING;
        const messages = await queueDepth(name).then(
          (depth) => depth.messages,
          () => null,
        );
        const held = heldBack.get(name) ?? 0;
        return {
          ...{ name, queued: queued + held, held_back: held, running, up_for_retry },
          ...{ messages, unacked: (await unacked).get(name) ?? null },
          ...capacity(live, name),
        };
      }),
    );
    trend.look(items, performance.now());
    return items.map((item) => ({ ...item, ...paceOf(item, trend) }));
  };
  return fresh(FRESH_MS, read);
};

const paceOf = ({ name, queued }: { name: string; queued: number }, trend: QueueTrend) => {
  const growth = trend.growth(name);
  const drained = queued === 0 ? 0 : growth !== null && growth < 0 ? queued / -growth : null;
  return {
    growth_per_second: growth === null ? null : hundredths(growth),
    drained_in_seconds: drained === null ? null : Math.round(drained),
  };
};

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** Rates are over so many seconds. */
const FLOW_SECONDS = 30;
const FLOW_FRESH_MS = 3_000;

/** The queues with what goes in and out: what has begun is counted, what came is that and what the queue grew by. */
export const queueFlowReader = (db: Database, queues: () => Promise<QueueItem[]>): (() => Promise<QueueFlowItem[]>) => {
  const flow = fresh(FLOW_FRESH_MS, () => readQueueFlow(db, FLOW_SECONDS));
  return async () => {
    const flows = new Map((await flow()).map((one) => [one.queue, one]));
    return (await queues()).map((item) => {
      const { begun = 0, oldest_ready_at: oldest = null } = flows.get(item.name) ?? {};
      const out = begun / FLOW_SECONDS;
      const growth = item.growth_per_second;
      return {
        ...item,
        in_per_second: growth === null ? null : hundredths(Math.max(0, out + growth)),
        out_per_second: hundredths(out),
        oldest_ready_at: oldest?.toISOString() ?? null,
      };
    });
  };
};

const capacity = (workers: readonly WorkerItem[], queue: string) => {
  const own = workers.filter(({ queues }) => queues.includes(queue));
  const sum = (of: (worker: WorkerItem) => number): number => own.reduce((total, worker) => total + of(worker), 0);
  return { workers: own.length, slots: sum(({ slots }) => slots), busy: sum(({ busy }) => busy) };
};
