import type { Json, RunStatus, StepStatus } from "./types";

/** Steps as columns: the same place in each is the same step. Times are ms since the run's creation; null: not yet. */
export interface TimelineTable {
  steps: {
    key: string[];
    status: StepStatus[];
    attempt: number[];
    lost: number[];
    /** Places in `workers`; -1: none. */
    worker: number[];
    ready: (number | null)[];
    queued: (number | null)[];
    started: (number | null)[];
    ended: (number | null)[];
    retry: (number | null)[];
    /** True: taken over from the run that this one repeats; it has no times. */
    reused: boolean[];
    error: (string | null)[];
  };
  /** By key, the attempts before the last one. */
  tries: Record<string, [started: number | null, ended: number, worker: string | null, outcome: TryOutcome][]>;
  workers: string[];
}

export type TryOutcome = "FAILURE" | "LOST" | "RELEASED";

/** By the status that steps have now: slots in use, on average, in each bucket. */
export type TimelineSlots = Partial<Record<StepStatus, number[]>>;

/** What a run's timeline is opened with. Times are ms since the run's creation. */
export interface Timeline extends TimelineTable {
  run: {
    id: string;
    job: string;
    status: RunStatus;
    created_at: string;
    admitted_at: string | null;
    started_at: string | null;
    ended_at: string | null;
    steps_total: number;
  };
  at: string;
  now_ms: number;
  /** Columns, in the order of the graph. */
  groups: {
    node: string[];
    mapped: boolean[];
    count: number[];
    /** Items that were yielded and have no step yet; not in `count`. */
    held_back: number[];
    counts: Partial<Record<StepStatus, number[]>>;
    retried: number[];
    lost: number[];
    p50_ms: (number | null)[];
    p95_ms: (number | null)[];
    max_ms: (number | null)[];
    start: (number | null)[];
    end: (number | null)[];
  };
  /** By key, why a step of a large group is shown. */
  reasons: Record<string, "failed" | "retrying" | "slowest" | "newest" | "next">;
  steps_complete: boolean;
  strips: { node: string; from_ms: number; to_ms: number; slots: TimelineSlots }[];
  slots: { from_ms: number; to_ms: number; used: number[] };
  by_worker: { worker: string[]; steps: number[]; busy_ms: number[]; first: number[]; last: number[] };
  critical_path: { key: string; from: number; started: number | null; to: number | null }[];
  markers: {
    at_ms: number;
    type: "RUN_OWNER_CHANGED" | "STEP_LOST";
    owner: string | null;
    worker: string | null;
    steps: number;
  }[];
}

interface TryError {
  name: string;
  message: string;
}

/** All steps of a run, as columns: the same place in each is the same step. Times are ms since the run's creation. */
export interface TimelineColumns {
  created_at: string;
  /** Number of the last event that is told of here for certain; later ones may be. */
  seq: number;
  now_ms: number;
  steps: Pick<TimelineTable["steps"], "key" | "attempt" | "worker" | "ready" | "queued" | "started" | "ended"> & {
    /** Places in `statuses`. */
    status: number[];
    /** Places in `slots`; -1: none, or it was not told. */
    slot: number[];
  };
  statuses: StepStatus[];
  workers: string[];
  /** Of workers, as `process.slot`. */
  slots: string[];
  /** By key, of the few steps that have such a value. */
  lost: Record<string, number>;
  retry: Record<string, number>;
  items: Record<string, number>;
  errors: Record<string, TryError>;
  /** Of a run that goes on, by node: the median of its steps in the job's last successes. */
  usual_ms: Record<string, number>;
  /** When the run came to another owner. */
  takeovers: { at_ms: number; owner: string }[];
}

/** The attempts that steps had before their last ones, by key and in order. Times are ms since the run's creation. */
export interface TimelineTries {
  tries: Record<
    string,
    {
      queued: number | null;
      started: number | null;
      ended: number;
      worker: string | null;
      /** Of the worker's slots, as `process.slot`; null: it was not told. */
      slot: string | null;
      outcome: TryOutcome;
      error: TryError | null;
    }[]
  >;
  /** False: the run had more. */
  complete: boolean;
}

/** Which steps are asked for: everything that is given must fit. */
export interface TimelineSelection {
  node?: string;
  status?: StepStatus | StepStatus[];
  worker?: string | string[];
  /** A part of the step's key. */
  key?: string;
  from_ms?: number;
  to_ms?: number;
}

type Column = "key" | "started" | "duration" | "status" | "worker";

export interface TimelinePageOptions extends TimelineSelection {
  /** `-`: falling; by key if not given. */
  sort?: Column | `-${Column}`;
  offset?: number;
  /** 1 to 1,000; 200 if not given. */
  limit?: number;
}

export interface TimelinePage extends TimelineTable {
  now_ms: number;
  total: number;
  offset: number;
}

export interface TimelineStrip {
  now_ms: number;
  from_ms: number;
  to_ms: number;
  total: number;
  slots: TimelineSlots;
}

interface ComparedRun {
  id: string;
  job: string;
  status: RunStatus;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  code_version: string;
  graph_id: string;
  tags: Record<string, string>;
  priority: number;
  duration_ms: number | null;
  steps: number;
}

/** Two runs side by side. Pairs are of the first run and of the other. */
export interface Comparison {
  runs: [ComparedRun, ComparedRun];
  /** What differs, 200 at most; without a value where a run has none. */
  config: { pointer: string; a?: Json; b?: Json }[];
  config_complete: boolean;
  nodes: { node: string; count: [number, number]; p50_ms: [number | null, number | null] }[];
  /** Steps that both have, and that one of them has. */
  matched: number;
  only: [number, number];
  status_changed: number;
  /** 200 at most: other ends first, then by the change of their time. */
  steps: {
    key: string;
    status: [StepStatus, StepStatus];
    attempt: [number, number];
    duration_ms: [number | null, number | null];
    change_ms: number | null;
  }[];
  steps_complete: boolean;
}
