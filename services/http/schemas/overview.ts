import type { JsonSchema } from "../../../core/json";
import { RUN_STATUSES } from "../../../core/status";
import { boolean, integer, list, nullable, number, object, oneOf, ref, text, time, uuid } from "./common";

const numbers = (description: string): JsonSchema => list(number(), description);
const column = (of: JsonSchema): JsonSchema => list(of);
const sensorStatus = oneOf(["RUNNING", "STOPPED"]);

const now = (more: Record<string, JsonSchema> = {}): JsonSchema =>
  object({ count: integer("Now."), spark: numbers("At the end of each bucket."), ...more });
const ended = object({
  count: integer("In the range."),
  before: integer("In the time before it that is as long."),
  spark: numbers("In each bucket."),
});

const JOB_ROW = object({
  job: text(),
  failing: boolean("Its last ended run failed."),
  last_status: nullable(oneOf(RUN_STATUSES)),
  runs: integer("Ended in the range (from the quarter of an hour on in which it begins), and live ones."),
  failures: integer("Among them."),
  queued: integer("Now."),
  started: integer("Now."),
  ended: integer("Ended runs, 50 at most, that the following figures are of."),
  succeeded: integer(),
  failed: integer(),
  p50_ms: nullable(number()),
  p95_ms: nullable(number()),
  bars: object({
    id: column(uuid()),
    status: column(oneOf(RUN_STATUSES)),
    created_at: column(time()),
    started_at: column(nullable(time())),
    ended_at: column(nullable(time())),
  }),
  more: boolean("The range has earlier runs: the bars are the newest 100, oldest first."),
  sensors: list(object({ name: text(), status: sensorStatus, failing: boolean(), next_tick_at: time() })),
});

const VERDICT = object({
  rule: oneOf(["platform_down", "jobs_failing", "backlog_growing", "all_well"], "The first that holds."),
  problems: list(text(), "Of the platform."),
  failing_jobs: list(text(), "Up to 20."),
  failing_jobs_total: integer(),
  failed_runs: integer("In the range."),
  main_error: nullable(
    object({
      fingerprint: text(),
      type: text(),
      message: text(),
      runs: integer("Of the failed runs, those that have it."),
    }),
  ),
  failing_since: nullable(time("The first failure of a step in the range.")),
  growing_queues: list(text()),
  lost_workers: list(text()),
});

const PLATFORM = object({
  coordinators: object({ live: integer(), known: integer(), shards: integer(), shards_without_owner: integer() }),
  sensors: object({
    nodes: integer("Daemons that evaluate them."),
    running: integer(),
    stopped: integer(),
    failing: integer("Their last tick failed."),
  }),
  workers: object({
    live: integer(),
    slots: integer(),
    busy: integer(),
    draining: integer(),
    lost: list(ref("LostWorker"), "Until ten minutes after their steps were settled."),
  }),
  broker: object({ latency_ms: nullable(number("null: no answer.")), problems: list(text()) }),
  database: object({ latency_ms: nullable(number("null: no answer.")), problems: list(text()) }),
  problems: list(text(), "A sentence each."),
});

/** What the overview is made of, by name. */
export const OVERVIEW: Record<string, JsonSchema> = {
  ErrorGroup: object({
    fingerprint: text("Alike for errors of one type, message (but for numbers and ids) and place."),
    type: text(),
    message: text("Of the latest of them."),
    frame: nullable(text("Where in the user's code it was thrown.")),
    steps: integer(),
    runs: integer(),
    failed_runs: integer("Those of the runs that ended in FAILURE within the range: others go on, or did not mind."),
    jobs: list(text()),
    latest_run_id: uuid(),
    first_seen_at: time(),
    last_seen_at: time(),
    spark: numbers("In each bucket."),
  }),
  Overview: object({
    range: oneOf(["1h", "6h", "24h", "7d"]),
    at: time(),
    from: time(),
    to: time("The end of the last bucket: not before `at`."),
    bucket_seconds: number(),
    verdict: VERDICT,
    counts: object({
      queued: now({ oldest_created_at: nullable(time()) }),
      started: now(),
      success: ended,
      failure: ended,
      canceled: ended,
    }),
    jobs: object({ total: integer(), failing: integer(), items: list(JOB_ROW, "14 at most: failing, then busiest.") }),
    failing: object({
      items: list(ref("ErrorGroup"), "10 at most, those of most runs first."),
      more: boolean(),
      complete: boolean("False: only the newest 1,000 failures were grouped."),
    }),
    backlog: list(
      object({
        name: text(),
        queued: integer("Steps that wait: dispatched or held back."),
        held_back: integer("Of these, the ones that are not dispatched yet."),
        running: integer(),
        up_for_retry: integer(),
        workers: integer(),
        slots: integer(),
        busy: integer(),
        growth_per_second: nullable(number("Over the last minute; null: not known yet.")),
        drained_in_seconds: nullable(number("At that pace; null: it does not shrink, or is not known yet.")),
      }),
    ),
    steps: object({
      succeeded_per_second: numbers("In each bucket."),
      failed_per_second: numbers("In each bucket."),
    }),
    next_ticks: list(
      object({
        name: text(),
        kind: oneOf(["sensor", "run_status_sensor"]),
        jobs: list(text()),
        next_tick_at: time(),
        failing_since: nullable(time()),
        error: nullable(text()),
      }),
      "6 at most: failing sensors, then those that are due first.",
    ),
    platform: PLATFORM,
  }),
};
