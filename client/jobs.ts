import type { Graph, JsonObject, RunStatus } from "./types";

/** Of up to 50 ended runs. */
export interface JobFigures {
  ended: number;
  succeeded: number;
  failed: number;
  /** From start to end, of the successes among them. */
  p50_ms: number | null;
  p95_ms: number | null;
  /** From creation to start. */
  waited_p50_ms: number | null;
  steps_p50: number | null;
  last_status: RunStatus | null;
}

/** Columns, oldest first: the same place in each is the same run. */
interface ShortRuns {
  id: string[];
  status: RunStatus[];
  duration_ms: (number | null)[];
}

export interface JobTrigger {
  name: string;
  kind: "sensor" | "run_status_sensor";
  status: "RUNNING" | "STOPPED";
  minimum_interval_seconds: number;
  /** False: it only watches the job. */
  launches: boolean;
  failing_since: string | null;
  next_tick_at: string;
}

interface JobHead {
  name: string;
  description: string | null;
  tags: Record<string, string>;
  code_version: string;
  published_at: string;
  nodes: number;
  ops: string[];
  sensors: string[];
  schedules: string[];
  runs_24h: number;
  queued: number;
  started: number;
  figures: JobFigures;
  last_run: {
    id: string;
    status: RunStatus;
    created_at: string;
    started_at: string | null;
    ended_at: string | null;
  } | null;
  triggers: JobTrigger[];
  next_tick_at: string | null;
}

export interface JobSummary extends JobHead {
  /** 30 at most. */
  last_runs: ShortRuns;
}

/** What of a job is otherwise than in the version before, beside its code; of names the first ten. */
export interface JobChanges {
  added: { count: number; names: string[] };
  removed: { count: number; names: string[] };
  changed: { count: number; names: string[] };
  of_job: ("config" | "description" | "hooks" | "retention" | "tags")[];
}

export interface Job extends JobHead {
  graph_id: string;
  graph: Graph;
  config_schema: JsonObject;
  default_config: JsonObject | null;
  /** Of the 50 ended runs before those of `figures`. */
  figures_before: JobFigures;
  last_runs: ShortRuns & {
    created_at: string[];
    started_at: (string | null)[];
    waited_ms: (number | null)[];
    steps: number[];
    code_version: string[];
  };
  code_versions: {
    code_version: string;
    first_published_at: string | null;
    first_run_at: string;
    runs: number;
    ended: number;
    succeeded: number;
    failed: number;
    /** Against the version before; null: there is none among these runs, or ten newer ones are compared. */
    changes: JobChanges | null;
  }[];
  /** False: they are those of the job's newest 5,000 runs. */
  code_versions_complete: boolean;
}

/** What a launch would come to. */
export interface LaunchCheck {
  /** What is wrong, by pointers into the request: `/config/ops/generate/config/n`. */
  errors: { pointer: string; message: string }[];
  /** With the job's defaults; null: it would be refused. */
  config: JsonObject | null;
}
