import { Gauge, Histogram, type Registry } from "prom-client";
import type { Database } from "../../store/database";
import { RunCounts } from "../../store/queries/run-counts";
import type { QueueItem } from "./queues";
import type { Streams } from "./stream";
import type { Workers } from "./workers";

interface Needs {
  readonly db: Database;
  readonly registry: Registry;
  readonly workers: Workers;
  readonly queues: () => Promise<QueueItem[]>;
  readonly streams: Streams;
}

/** What this node tells of the whole (runs, workers, queues) and of itself (requests, streams). */
export const apiMetrics = ({ db, registry, workers, queues, streams }: Needs) => {
  const registers = [registry];
  const counts = new RunCounts(db);
  new Gauge({
    name: "dagster_run_count",
    help: "Runs in the database by status.",
    labelNames: ["status"],
    registers,
    async collect() {
      for (const [status, count] of await counts.read()) this.set({ status }, count);
    },
  });
  for (const [name, help, of] of [
    ["dqueue_worker_slots", "Steps that a worker can run at a time.", "slots"],
    ["dqueue_worker_busy", "Steps that a worker runs now.", "busy"],
  ] as const) {
    new Gauge({
      name,
      help,
      labelNames: ["worker"],
      registers,
      collect() {
        // Those that are gone must not be shown any more.
        this.reset();
        for (const worker of workers.list()) this.set({ worker: worker.id }, worker[of]);
      },
    });
  }
  new Gauge({
    name: "dqueue_queue_steps",
    help: "Open steps by queue and state.",
    labelNames: ["queue", "state"],
    registers,
    async collect() {
      this.reset();
      for (const { name: queue, queued, running, up_for_retry } of await queues())
        for (const [state, count] of Object.entries({ queued, running, up_for_retry }))
          this.set({ queue, state }, count);
    },
  });
  new Gauge({
    name: "dqueue_streams",
    help: "Open live streams of this node.",
    registers,
    collect() {
      this.set(streams.size);
    },
  });
  return new Histogram({
    name: "dqueue_http_request_seconds",
    help: "Duration of HTTP requests by route and status.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
};
