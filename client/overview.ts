import type { LostWorker, Queue, RunStatus } from "./types";

export type OverviewRange = "1h" | "6h" | "24h" | "7d";

/** Failures with the same cause, as far as type, message (but for numbers and ids) and place tell. */
export interface ErrorGroup {
  fingerprint: string;
  type: string;
  message: string;
  /** Where in the user's code it was thrown. */
  frame: string | null;
  steps: number;
  runs: number;
  /** Those of the runs that ended in FAILURE within the range. */
  failed_runs: number;
  jobs: string[];
  latest_run_id: string;
  first_seen_at: string;
  last_seen_at: string;
  spark: number[];
}

/** Of ended runs: how many in the range, in the time before it that is as long, and in each bucket. */
interface EndedCount {
  count: number;
  before: number;
  spark: number[];
}

/** Bars are columns: the same place in each is the same run, oldest first. */
export interface OverviewJob {
  job: string;
  failing: boolean;
  last_status: RunStatus | null;
  runs: number;
  failures: number;
  queued: number;
  started: number;
  /** Of the last 50 ended runs. */
  ended: number;
  succeeded: number;
  failed: number;
  p50_ms: number | null;
  p95_ms: number | null;
  bars: {
    id: string[];
    status: RunStatus[];
    created_at: string[];
    started_at: (string | null)[];
    ended_at: (string | null)[];
  };
  /** The range has earlier runs than the bars show. */
  more: boolean;
  sensors: { name: string; status: "RUNNING" | "STOPPED"; failing: boolean; next_tick_at: string }[];
}

export type OverviewQueue = Omit<
  Queue,
  "messages" | "unacked" | "in_per_second" | "out_per_second" | "oldest_ready_at"
>;

/** How the system fares. Series have 24 buckets, the last of which goes on. */
export interface Overview {
  range: OverviewRange;
  at: string;
  from: string;
  to: string;
  bucket_seconds: number;
  verdict: {
    rule: "platform_down" | "jobs_failing" | "backlog_growing" | "all_well";
    problems: string[];
    failing_jobs: string[];
    failing_jobs_total: number;
    failed_runs: number;
    /** `runs` of the failed runs have it. */
    main_error: Pick<ErrorGroup, "fingerprint" | "type" | "message" | "runs"> | null;
    failing_since: string | null;
    growing_queues: string[];
    lost_workers: string[];
  };
  counts: {
    queued: { count: number; spark: number[]; oldest_created_at: string | null };
    started: { count: number; spark: number[] };
    success: EndedCount;
    failure: EndedCount;
    canceled: EndedCount;
  };
  jobs: { total: number; failing: number; items: OverviewJob[] };
  failing: { items: ErrorGroup[]; more: boolean; complete: boolean };
  backlog: OverviewQueue[];
  steps: { succeeded_per_second: number[]; failed_per_second: number[] };
  next_ticks: {
    name: string;
    kind: "sensor" | "run_status_sensor";
    jobs: string[];
    next_tick_at: string;
    failing_since: string | null;
    error: string | null;
  }[];
  platform: {
    coordinators: { live: number; known: number; shards: number; shards_without_owner: number };
    sensors: { nodes: number; running: number; stopped: number; failing: number };
    workers: {
      live: number;
      slots: number;
      busy: number;
      draining: number;
      lost: LostWorker[];
    };
    broker: { latency_ms: number | null; problems: string[] };
    database: { latency_ms: number | null; problems: string[] };
    problems: string[];
  };
}
