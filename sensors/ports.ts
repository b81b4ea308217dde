import type { SensorDefinition, ValidationIssue } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { LatestRun, Said, SensorAnswer, SensorContext } from "../core/sensing";
import type { ClaimedSensor, CommittedTick, EndedRunPage, Tick } from "../core/ticks";

/** A job as its launches need it. */
export interface LaunchableJob {
  name: string;
  graphId: string;
  codeVersion: string;
  tags: Record<string, string>;
  defaultConfig: JsonObject | null;
  checkConfig(config: JsonObject): ValidationIssue[];
}

/** The sensors' tables. Every time in them is the database's. */
export interface TickStore {
  /** Takes up to `limit` due sensors of those named, for `leaseMs`. `nextDueMs`: when another is due; null: none. */
  claim(
    owner: string,
    names: readonly string[],
    limit: number,
    leaseMs: number,
  ): Promise<{
    claimed: ClaimedSensor[];
    nextDueMs: number | null;
  }>;
  renew(owner: string, names: readonly string[], leaseMs: number): Promise<void>;
  release(owner: string, names: readonly string[]): Promise<void>;
  latestRuns(jobs: readonly string[]): Promise<Record<string, LatestRun | null>>;
  /** The published ones of the jobs named. */
  launchableJobs(names: readonly string[]): Promise<Map<string, LaunchableJob>>;
  endedRuns(definition: SensorDefinition, cursor: string | null, limit: number): Promise<EndedRunPage>;
  /** null: nothing was written, since the sensor was altered or stopped, or the lease is another's. */
  commit(owner: string, tick: Tick): Promise<CommittedTick | null>;
  /** Which of a sensor's keys have launched a run. */
  knownRunKeys(sensor: string, keys: readonly string[]): Promise<Set<string>>;
}

/** Runs a sensor's function in a process of its own, which is ended at the timeout or when the signal is aborted. */
export type Evaluate = (
  sensor: string,
  context: SensorContext,
  options: {
    timeoutMs: number;
    signal: AbortSignal;
    /** Hears what it writes meanwhile. */ heard?: (said: Said) => void;
  },
) => Promise<SensorAnswer>;

export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
