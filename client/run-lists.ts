import type { PageOptions, RunStatus, RunSummary } from "./types";

/** One value or several; with a `-` before it, a value that must not be. */
type Some<T extends string> = T | `-${T}` | (T | `-${T}`)[];

/** In the order in which a run meets them. */
export const RUN_STATUSES: readonly RunStatus[] = [
  "QUEUED",
  "STARTING",
  "STARTED",
  "SUCCESS",
  "FAILURE",
  "CANCELING",
  "CANCELED",
];
/** What runs are asked for: everything that is given must fit. */
export interface RunFilter {
  status?: Some<RunStatus>;
  /** Names, with `*` for any characters, with `-` before those that are left out. */
  job?: string | string[];
  tags?: Record<string, string>;
  /** `key:value`, or `-key:value`. */
  tag?: string | string[];
  /** What launched them: `sensor:<name>`, `reexecution` or `api`; `*` and `-` as in `job`. */
  by?: string | string[];
  /** Class of a failed run's first error; `*` and `-` as in `job`. */
  error?: string | string[];
  /** Ids, or how they begin: 8 characters at least. */
  id?: string | string[];
  parent_run_id?: string;
  /** RFC 3339; exclusive, both. */
  created_after?: string;
  created_before?: string;
  /** From start to end, or until now; exclusive, both. */
  longer_than_ms?: number;
  shorter_than_ms?: number;
}

/** `-`: falling. */
export type RunSort = "created" | "-created" | "duration" | "-duration" | "status" | "-status";

/** Newest first if no `sort` is given. */
export type RunListOptions = RunFilter & PageOptions & { sort?: RunSort };

/** The `seconds` until now (86,400) in `buckets` (72). Times of creation in the filter do not count. */
export type RunHistogramOptions = Omit<RunFilter, "created_after" | "created_before"> & {
  seconds?: number;
  buckets?: number;
};

/** A run as lists show it. */
export interface RunItem extends RunSummary {
  launched_by: string;
  /** Of a failed run: class and message of the first error of its steps, else of its own. */
  error_type: string | null;
  error_message: string | null;
  /** Usual durations of the job; null: it has no success among its last 50 ended runs. */
  p50_ms: number | null;
  p95_ms: number | null;
}

interface Counted {
  /** False: there are more runs than were looked at; the newest were, those created from `counted_from` on. */
  complete: boolean;
  counted_from: string | null;
}

export interface RunCounts extends Counted {
  counts: Record<RunStatus, number>;
  total: number;
}

export interface RunHistogram extends Counted {
  from: string;
  to: string;
  bucket_seconds: number;
  counts: Partial<Record<RunStatus, number[]>>;
}

/** A filter as bodies have it: everything that may be several is. */
export const bodyOf = (filter: RunFilter): object =>
  Object.fromEntries(
    Object.entries(queryOf(filter)).map(([name, value]) => [name, SEVERAL.has(name) ? [value].flat() : value]),
  );

const SEVERAL = new Set(["status", "job", "tag", "by", "error", "id"]);

/** A filter as query parameters. */
export const queryOf = ({ tags, tag, ...filter }: RunFilter): object => {
  const all = [...[tag ?? []].flat(), ...Object.entries(tags ?? {}).map(([key, value]) => `${key}:${value}`)];
  return { ...filter, ...(all.length > 0 && { tag: all }) };
};

/** Why a run waits. `rule` null: it waits for nothing. */
export interface Waiting {
  rule: "no_daemon" | "max_concurrent_runs" | "its_turn" | null;
  /** Queued runs that go before it; 10,000 at most. */
  ahead: number;
  /** Admitted runs that have not ended. */
  going_on: number;
  max_concurrent_runs: number;
}
