import type { JsonSchema } from "../../../core/json";
import { RUN_STATUSES } from "../../../core/status";
import { boolean, integer, list, nullable, number, object, oneOf, text, time, uuid } from "./common";

export const tags: JsonSchema = { type: "object", additionalProperties: { type: "string" } };

export const RUN: Record<string, JsonSchema> = {
  id: uuid("UUIDv7"),
  job: text(),
  status: oneOf(RUN_STATUSES),
  priority: integer(),
  tags,
  run_key: nullable(text()),
  parent_run_id: nullable(uuid("Of a re-execution.")),
  root_run_id: nullable(uuid("The first run of a chain of re-executions.")),
  code_version: text(),
  created_at: time(),
  admitted_at: nullable(time()),
  started_at: nullable(time()),
  ended_at: nullable(time()),
  cancel_requested_at: nullable(time()),
  failure_reason: nullable(oneOf(["STEP_FAILURE", "START_TIMEOUT", "MAX_RUNTIME", "JOB_INITIALIZATION_FAILURE"])),
  seq: integer("Number of its last event."),
  steps_succeeded: integer(),
  steps_failed: integer(),
  steps_total: integer("Steps known by now; a generator that runs adds to them."),
};

const COUNTED = {
  complete: boolean("False: there are more runs than were looked at; the newest were."),
  counted_from: nullable(time("Where it is not complete: the creation of the oldest run that was looked at.")),
};

/** What lists of runs and their figures are made of, by name. */
export const RUN_LISTS: Record<string, JsonSchema> = {
  RunItem: object({
    ...RUN,
    launched_by: text("`sensor:<name>`, `reexecution` or `api`."),
    error_type: nullable(text("Of a failed run: class of the first error of its steps, else of its own.")),
    error_message: nullable(text("Its message, up to 300 characters.")),
    p50_ms: nullable(number("Usual duration of the job: median of the successes among its last 50 ended runs.")),
    p95_ms: nullable(number()),
  }),
  RunCounts: object({
    counts: object(Object.fromEntries(RUN_STATUSES.map((status) => [status, integer()]))),
    total: integer(),
    ...COUNTED,
  }),
  BulkAction: object({
    id: uuid("The tag `dqueue/bulk` of the runs that it canceled or created."),
    verb: oneOf(["cancel", "reexecute", "delete"]),
    from: nullable(oneOf(["failure", "start"])),
    status: oneOf(["RUNNING", "DONE", "STOPPED"]),
    total: integer("Runs of the filter that the verb was for when it began."),
    done: integer(),
    refused: integer("Runs that were left as they are; those that had left the filter count as neither."),
    refusals: list(object({ run_id: uuid(), code: text(), detail: text() }), "The first 100 of them, with reasons."),
    created_at: time(),
    ended_at: nullable(time()),
  }),
  RunHistogram: object({
    from: time(),
    to: time(),
    bucket_seconds: number(),
    counts: {
      type: "object",
      description: "By status, the runs created in each bucket; a status that no run has is left out.",
      additionalProperties: list(integer()),
    },
    ...COUNTED,
  }),
};
