import type { JsonSchema } from "../../../core/json";
import { RUN_STATUSES } from "../../../core/status";
import { anyObject, boolean, integer, list, nullable, number, object, oneOf, text, time, uuid } from "./common";
import { tags } from "./run-lists";

const GRAPH = object({
  job: text(),
  description: nullable(text()),
  tags,
  nodes: list(anyObject("A call of an op: name, op, scope, inputs, outputs, retry, timeout_ms, queue, …")),
  config_schema: anyObject("JSON Schema, draft 2020-12."),
  default_config: nullable(anyObject()),
  hooks: object({ on_success: boolean(), on_failure: boolean() }),
});

const FIGURES = object({
  ended: integer("Ended runs that these figures are of, 50 at most."),
  succeeded: integer(),
  failed: integer(),
  p50_ms: nullable(number("From start to end, of the successes among them.")),
  p95_ms: nullable(number()),
  waited_p50_ms: nullable(number("From creation to start.")),
  steps_p50: nullable(integer()),
  last_status: nullable(oneOf(RUN_STATUSES, "How the latest of them ended.")),
});

const someNames = (description: string) => ({
  ...object({ count: integer(), names: list(text(), "The first ten.") }),
  description,
});

const CHANGES = {
  ...object({
    added: someNames("Calls of ops that the version before did not have."),
    removed: someNames("Calls of ops that only the version before had."),
    changed: someNames("Calls with another op, other inputs, retries, queue…"),
    of_job: list(
      oneOf(["config", "description", "hooks", "retention", "tags"]),
      "What of the job itself is otherwise.",
    ),
  }),
  description: "Against the version before; null: there is none among these runs, or ten newer ones are compared.",
};

const SHORT_RUNS = {
  id: list(uuid()),
  status: list(oneOf(RUN_STATUSES)),
  duration_ms: list(nullable(number("null: it has not ended, or never began."))),
};

const TRIGGER = object({
  name: text(),
  kind: oneOf(["sensor", "run_status_sensor"]),
  status: oneOf(["RUNNING", "STOPPED"]),
  minimum_interval_seconds: number(),
  launches: boolean("False: it only watches the job."),
  failing_since: nullable(time()),
  next_tick_at: time(),
});

const JOB: Record<string, JsonSchema> = {
  name: text(),
  description: nullable(text()),
  tags,
  code_version: text(),
  published_at: time(),
  nodes: integer("Number of nodes of its graph."),
  ops: list(text()),
  sensors: list(text()),
  schedules: list(text()),
  runs_24h: integer("Ended in the last 24 hours (and the quarter of an hour before), and live ones."),
  queued: integer("Now."),
  started: integer("Now."),
  figures: FIGURES,
  last_run: nullable(
    object({
      id: uuid(),
      status: oneOf(RUN_STATUSES),
      created_at: time(),
      started_at: nullable(time()),
      ended_at: nullable(time()),
    }),
  ),
  triggers: list(TRIGGER),
  next_tick_at: nullable(time("Of the sensors that launch it and run.")),
};

/** What jobs are made of, by name. */
export const JOBS: Record<string, JsonSchema> = {
  Graph: GRAPH,
  JobSummary: object({
    ...JOB,
    last_runs: {
      ...object(SHORT_RUNS),
      description: "30 at most, oldest first; the same place in each is the same run.",
    },
  }),
  LaunchCheck: object({
    errors: list(object({ pointer: text("Into the request's body."), message: text() })),
    config: nullable(anyObject("With the job's defaults; null: it would be refused.")),
  }),
  Job: object({
    ...JOB,
    graph_id: text(),
    graph: GRAPH,
    config_schema: anyObject(),
    default_config: nullable(anyObject()),
    figures_before: { ...FIGURES, description: "Of the 50 ended runs before those." },
    last_runs: object({
      ...SHORT_RUNS,
      created_at: list(time()),
      started_at: list(nullable(time())),
      waited_ms: list(nullable(number())),
      steps: list(integer()),
      code_version: list(text()),
    }),
    code_versions: list(
      object({
        code_version: text(),
        first_published_at: nullable(time()),
        first_run_at: time(),
        runs: integer(),
        ended: integer(),
        succeeded: integer(),
        failed: integer(),
        changes: nullable(CHANGES),
      }),
      "Newest first.",
    ),
    code_versions_complete: boolean("False: they are those of the job's newest 5,000 runs."),
  }),
};
