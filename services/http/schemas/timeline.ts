import type { JsonSchema } from "../../../core/json";
import { RUN_STATUSES, STEP_STATUSES } from "../../../core/status";
import { boolean, integer, list, nullable, number, object, oneOf, text, time, uuid } from "./common";

const ms = (description?: string): JsonSchema => number(description);
const times = (description?: string): JsonSchema => list(nullable(number()), description);
const byStatus = (description: string): JsonSchema => ({
  type: "object",
  description,
  additionalProperties: list(number()),
});

const byKey = (of: JsonSchema, description: string): JsonSchema => ({
  type: "object",
  description,
  additionalProperties: of,
});
const ERROR = object({ name: text(), message: text("Its first 200 characters.") });

/** What is told of each step. */
const COLUMNS = {
  key: list(text(), "The same place in each column is the same step."),
  status: list(oneOf(STEP_STATUSES)),
  attempt: list(integer()),
  worker: list(integer(), "Places in `workers`; -1: none."),
  ready: times("Since when the step waits for nothing but a slot."),
  queued: times("When it was dispatched."),
  started: times("When its last attempt began."),
  ended: times(),
};

const TABLE = {
  steps: object({
    ...COLUMNS,
    lost: list(integer()),
    retry: times("When its next attempt is due."),
    reused: list(boolean(), "True: taken over from the run that this one repeats; it has no times."),
    error: list(nullable(text("`Type: message`."))),
  }),
  tries: {
    type: "object",
    description: "By key, the attempts before the last one: start, end, worker, and FAILURE, LOST or RELEASED.",
    additionalProperties: list({
      type: "array",
      prefixItems: [nullable(number()), number(), nullable(text()), text()],
    }),
  } satisfies JsonSchema,
  workers: list(text()),
};

/** What timelines are made of, by name. */
export const TIMELINE: Record<string, JsonSchema> = {
  Timeline: object({
    run: object({
      id: uuid(),
      job: text(),
      status: oneOf(RUN_STATUSES),
      created_at: time("All times of the timeline are ms since then."),
      admitted_at: nullable(time()),
      started_at: nullable(time()),
      ended_at: nullable(time()),
      steps_total: integer(),
    }),
    at: time(),
    now_ms: ms("The run's end, or now."),
    groups: object({
      node: list(text(), "In the order of the graph; the same place in each column is the same group."),
      mapped: list(boolean(), "Its steps stand below a generator."),
      count: list(integer()),
      held_back: list(
        integer(),
        "Items that were yielded and have no step yet: they wait for a place with the run's owner. Not in `count`.",
      ),
      counts: byStatus("Steps of each group by status; a status that no step has is left out."),
      retried: list(integer(), "Steps with more than one attempt."),
      lost: list(integer(), "Steps that were lost at least once."),
      p50_ms: times("Of its successes."),
      p95_ms: times(),
      max_ms: times(),
      start: times(),
      end: times("null: not all of it has ended."),
    }),
    ...TABLE,
    reasons: {
      type: "object",
      description: "By key, why a step of a large group is shown.",
      additionalProperties: oneOf(["failed", "retrying", "slowest", "newest", "next"]),
    },
    steps_complete: boolean("All steps of the run are among `steps`."),
    strips: list(
      object({
        node: text(),
        from_ms: ms(),
        to_ms: ms(),
        slots: byStatus("Slots in use, on average, in each bucket."),
      }),
      "Of groups of more than 12 steps.",
    ),
    slots: object({ from_ms: ms(), to_ms: ms(), used: list(number(), "By the whole run, in each of 200 buckets.") }),
    by_worker: object({
      worker: list(text(), "Busiest first, 200 at most."),
      steps: list(integer()),
      busy_ms: list(number()),
      first: list(number()),
      last: list(number()),
    }),
    critical_path: list(
      object({ key: text(), from: ms(), started: nullable(ms()), to: nullable(ms("null: it is waited for now.")) }),
      "The chain of steps that the run's end waits for, first to last. From `from` to `started` a step waited for a slot.",
    ),
    markers: list(
      object({
        at_ms: ms(),
        type: oneOf(["RUN_OWNER_CHANGED", "STEP_LOST"]),
        owner: nullable(text()),
        worker: nullable(text()),
        steps: integer("Lost within that second on that worker."),
      }),
      "100 at most.",
    ),
  }),
  TimelineColumns: object({
    created_at: time("All times are ms since then."),
    seq: integer("Number of the run's last event that is told of here for certain; later ones may be."),
    now_ms: ms("The run's end, or now."),
    steps: object({
      ...COLUMNS,
      status: list(integer(), "Places in `statuses`."),
      slot: list(integer(), "Places in `slots`; -1: none, or it was not told."),
    }),
    statuses: list(oneOf(STEP_STATUSES)),
    workers: list(text()),
    slots: list(text(), "Of a worker, as `process.slot`."),
    lost: byKey(integer(), "How often each was lost, of those that were."),
    retry: byKey(ms(), "When the next attempt is due, of those that wait for one."),
    items: byKey(integer(), "How many items generators have yielded."),
    usual_ms: byKey(ms(), "Of a run that goes on, by node: the median of its steps in the job's last successes."),
    takeovers: list(object({ at_ms: ms(), owner: text() }), "When the run came to another owner; 100 at most."),
    errors: byKey(ERROR, "Of those that failed, or wait for their next attempt."),
  }),
  TimelineTries: object({
    tries: byKey(
      list(
        object({
          queued: nullable(ms("When it was dispatched.")),
          started: nullable(ms()),
          ended: ms(),
          worker: nullable(text()),
          slot: nullable(text("Of the worker, as `process.slot`; null: it was not told.")),
          outcome: oneOf(["FAILURE", "LOST", "RELEASED"]),
          error: nullable(ERROR),
        }),
      ),
      "By step, in order.",
    ),
    complete: boolean("False: the run had more; the first 20,000 are told."),
  }),
  Comparison: object({
    runs: list(
      object({
        id: uuid(),
        job: text(),
        status: oneOf(RUN_STATUSES),
        created_at: time(),
        started_at: nullable(time()),
        ended_at: nullable(time()),
        code_version: text(),
        graph_id: text(),
        tags: { type: "object", additionalProperties: { type: "string" } },
        priority: integer(),
        duration_ms: nullable(ms("From start to end, or until now.")),
        steps: integer(),
      }),
      "The first run and the other.",
    ),
    config: list(
      {
        ...object({ pointer: text(), a: {}, b: {} }, ["a", "b"]),
        description: "Without a value where a run has none.",
      },
      "What differs, 200 at most.",
    ),
    config_complete: boolean(),
    nodes: list(object({ node: text(), count: list(integer()), p50_ms: times() })),
    matched: integer("Steps that both have."),
    only: list(integer(), "Steps that one of them has."),
    status_changed: integer("Matched steps that ended, or stand, otherwise."),
    steps: list(
      object({
        key: text(),
        status: list(oneOf(STEP_STATUSES)),
        attempt: list(integer()),
        duration_ms: times(),
        change_ms: nullable(ms("How much longer the other's took.")),
      }),
      "200 at most: other ends first, then by the change of their time.",
    ),
    steps_complete: boolean(),
  }),
  TimelineSteps: object({
    now_ms: ms(),
    total: integer("Steps that fit."),
    offset: integer(),
    ...TABLE,
  }),
  TimelineStrip: object({
    now_ms: ms(),
    from_ms: ms(),
    to_ms: ms(),
    total: integer("Steps that fit."),
    slots: byStatus("Slots in use, on average, in each bucket, by the status that steps have now."),
  }),
};
