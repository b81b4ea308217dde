import { Histogram, type Registry } from "prom-client";
import { RUN_STATUSES } from "../../core/status";
import type { Database } from "../../store/database";
import { serverConnections } from "../../store/queries/connections";
import { openTransactions } from "../../store/queries/open-transactions";
import { tableSizes } from "../../store/queries/deployment";
import { RunCounts } from "../../store/queries/run-counts";
import { liveCoordinators, readShards } from "../../store/shards";
import { type Figure, readGauge } from "../metrics/read-gauge";
import { fresh } from "./fresh";
import type { QueueItem } from "./queues";
import type { Streams } from "./stream";
import type { WorkerItem, Workers } from "./workers";

interface Needs {
  readonly db: Database;
  readonly registry: Registry;
  readonly workers: Workers;
  readonly queues: () => Promise<QueueItem[]>;
  readonly queueDepth: (queue: string) => Promise<{ messages: number; consumers: number }>;
  readonly streams: Streams;
}

/** What this node tells of the whole (runs, workers, queues) and of itself (requests, streams). */
export const apiMetrics = (needs: Needs) => {
  const { db, registry, streams } = needs;
  runGauges(db, registry);
  workerGauges(needs);
  queueGauges(needs);
  readGauge(registry, {
    name: "dqueue_shards_unowned",
    help: "Shards without an owner that lives: their runs stand still.",
    read: async () => {
      const [shards, live] = await Promise.all([readShards(db), liveCoordinators(db)]);
      return [[{}, shards.filter(({ owner }) => owner === null || !live.includes(owner)).length]];
    },
  });
  storageGauge(db, registry);
  if (!db.embedded) serverGauges(db, registry);
  readGauge(registry, {
    name: "dqueue_streams",
    help: "Open live streams of this node.",
    read: () => [[{}, streams.size]],
  });
  return new Histogram({
    name: "dqueue_http_request_duration_seconds",
    help: "Duration of HTTP requests by route and status.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
};

const runGauges = (db: Database, registry: Registry): void => {
  const counts = new RunCounts(db);
  const gauge = readGauge(registry, {
    name: "dagster_run_count",
    help: "Runs in the database by status.",
    labelNames: ["status"],
    read: async () => {
      const read = await counts.read();
      return RUN_STATUSES.map((status) => [{ status }, read.get(status) ?? 0]);
    },
  });
  // Its name is what users know, but "_count" is kept for histograms: of what is untyped nobody takes it for one.
  (gauge as unknown as { type: string }).type = "untyped";
};

const workerGauges = ({ registry, workers }: Needs): void => {
  const gauge = (name: string, help: string, of: (worker: WorkerItem) => number): unknown =>
    readGauge(registry, {
      ...{ name, help, labelNames: ["worker"] },
      read: () => workers.list().map((worker): Figure<"worker"> => [{ worker: worker.id }, of(worker)]),
    });
  gauge("dqueue_worker_slots", "Steps that a worker can run at a time.", ({ slots }) => slots);
  gauge("dqueue_worker_busy", "Steps that a worker runs now.", ({ busy }) => busy);
  gauge("dqueue_worker_draining", "1 while a worker takes nothing new.", ({ draining }) => (draining ? 1 : 0));
  gauge("dqueue_worker_cpu_cores", "Cores that a worker's own process uses.", ({ cpu }) => cpu / 100);
  gauge("dqueue_worker_resident_memory_bytes", "Memory of a worker's own process.", ({ rss }) => rss);
  readGauge(registry, {
    name: "dqueue_worker_unacked_steps",
    help: "Steps that a worker has taken and not yet acknowledged.",
    labelNames: ["worker"],
    read: () => workers.held().map(({ id, steps }) => [{ worker: id }, steps]),
  });
};

const queueGauges = ({ registry, queues, queueDepth }: Needs): void => {
  readGauge(registry, {
    name: "dqueue_queue_steps",
    help: "Open steps by queue and state; those that wait are queued, dispatched or not.",
    labelNames: ["queue", "state"],
    read: async () =>
      (await queues()).flatMap(({ name: queue, queued, running, up_for_retry }) =>
        Object.entries({ queued, running, up_for_retry }).map(([state, steps]): Figure<"queue" | "state"> => [
          { queue, state },
          steps,
        ]),
      ),
  });
  const gauge = (name: string, help: string, of: (queue: QueueItem) => number | null): unknown =>
    readGauge(registry, {
      ...{ name, help, labelNames: ["queue"] },
      read: async () =>
        (await queues()).flatMap((queue): Figure<"queue">[] => {
          const figure = of(queue);
          return figure === null ? [] : [[{ queue: queue.name }, figure]];
        }),
    });
  gauge("dqueue_queue_held_back_steps", "Waiting steps that are not dispatched yet.", ({ held_back }) => held_back);
  gauge(
    "dqueue_queue_messages",
    "Messages in the broker's queue that no worker has taken.",
    ({ messages }) => messages,
  );
  gauge(
    "dqueue_queue_unacked_messages",
    "Messages of the broker's queue that workers have taken and not acknowledged.",
    ({ unacked }) => unacked,
  );
  gauge("dqueue_queue_slots", "Slots of the live workers that take from a queue.", ({ slots }) => slots);
  readGauge(registry, {
    name: "dqueue_queue_consumers",
    help: "Consumers of the broker's queue.",
    labelNames: ["queue"],
    read: async () =>
      Promise.all(
        (await queues()).map(async ({ name: queue }): Promise<Figure<"queue">> => [
          { queue },
          (await queueDepth(queue)).consumers,
        ]),
      ),
  });
};

/** Of the tables whose figures stand alone; all others are one. */
const PARTS: Readonly<Record<string, string>> = {
  ...{ steps: "steps", items: "steps", event_batches: "events", logs: "logs", values: "values", runs: "runs" },
};
const SIZES_MS = 60_000;

const storageGauge = (db: Database, registry: Registry): void => {
  const sizes = fresh(SIZES_MS, () => tableSizes(db));
  readGauge(registry, {
    name: "dqueue_storage_bytes",
    help: "What the tables take, with their indexes, by what they hold.",
    labelNames: ["part"],
    read: async () => {
      const sums = new Map([...Object.values(PARTS), "other"].map((part) => [part, 0]));
      for (const { name, bytes } of await sizes()) {
        const part = PARTS[name] ?? "other";
        sums.set(part, sums.get(part)! + bytes);
      }
      return [...sums].map(([part, bytes]) => [{ part }, bytes]);
    },
  });
};

const serverGauges = (db: Database, registry: Registry): void => {
  readGauge(registry, {
    name: "dqueue_postgres_connections",
    help: "Connections to the database, of all its clients.",
    read: async () => [[{}, (await serverConnections(db)).open]],
  });
  readGauge(registry, {
    name: "dqueue_postgres_max_connections",
    help: "Connections that the database server allows.",
    read: async () => [[{}, (await serverConnections(db)).allowed]],
  });
  readGauge(registry, {
    name: "dqueue_postgres_oldest_transaction_seconds",
    help: "How long the oldest open transaction that has written has been open, in any database of the server.",
    // Since when those of other users are, is not told to every role: the oldest that is seen counts.
    read: async () => [[{}, Math.max(0, ...(await openTransactions(db)).map(({ seconds }) => seconds ?? 0))]],
  });
};
