import type { JsonObject } from "./json";
import type { RunStatus } from "./status";

/** A sensor's wish for a run, as it crosses the process boundary. */
export interface RunRequest {
  /** One of the sensor's jobs; absent: the first of them. */
  job?: string;
  /** Absent: a run each time it is asked for. Else it launches once per sensor, for ever. */
  runKey?: string;
  config?: JsonObject;
  tags?: Record<string, string>;
  /** Absent: the tag dagster/priority, else 0. */
  priority?: number;
}

/** What one evaluation of a sensor comes to. */
export interface SensorAnswer {
  runRequests: RunRequest[];
  skipReason: string | null;
  /** The next cursor; absent: as it was. */
  cursor?: string | null;
}

/** The latest run of a job, whoever launched it. Times are ms since the epoch. */
export interface LatestRun {
  id: string;
  status: RunStatus;
  createdAt: number;
  endedAt: number | null;
}

/** A run that has ended, as a run-status sensor is given it. Times are ms since the epoch. */
export interface EndedRun {
  id: string;
  job: string;
  status: RunStatus;
  tags: Record<string, string>;
  config: JsonObject;
  createdAt: number;
  startedAt: number | null;
  endedAt: number;
  failureReason: string | null;
  /** Message of the failure. */
  error: string | null;
}

/** What an evaluation is given, all of it data. Times are the database's, in ms since the epoch. */
export interface SensorContext {
  sensor: string;
  cursor: string | null;
  now: number;
  /** The end of the last tick; null before the first. */
  lastTickAt: number | null;
  /** Of each of the sensor's jobs; null where it never ran. */
  latestRuns: Record<string, LatestRun | null>;
  /** Run-status sensors only. */
  run?: EndedRun;
}

/** What user code has written while it was asked: whole lines, the last one perhaps without its end. */
export interface Said {
  stream: "stdout" | "stderr";
  text: string;
}
