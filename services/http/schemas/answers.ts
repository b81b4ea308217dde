import type { JsonSchema } from "../../../core/json";
import { EVENT_TYPES } from "../../../core/records";
import { RUN_STATUSES, STEP_STATUSES } from "../../../core/status";
import { ACCESS } from "./access";
import { DEPLOYMENT } from "./deployment";
import { STORAGE } from "./storage";
import { JOBS } from "./jobs";
import { SIGN_IN } from "./sign-in";
import { OVERVIEW } from "./overview";
import { RUN, RUN_LISTS } from "./run-lists";
import { TIMELINE } from "./timeline";
import { anyObject, boolean, integer, list, nullable, number, object, oneOf, ref, text, time, uuid } from "./common";

const STEP_ROW_STATUSES = STEP_STATUSES.filter((status) => status !== "PENDING");
const STEP: Record<string, JsonSchema> = {
  key: text("`process_task[3]`; nested `a[1][2]`. URL-encode it in paths."),
  node: text(),
  path: list(text()),
  status: oneOf(STEP_ROW_STATUSES),
  attempt: integer("1 for the first try."),
  lost: integer("How often it was lost while it ran."),
  worker: nullable(text()),
  slot: nullable(text("Of the worker's slots, as `process.slot`; null: none yet, or it was not told.")),
  queue: text(),
  priority: integer(),
  ready_at: nullable(time()),
  queued_at: nullable(time()),
  started_at: nullable(time()),
  ended_at: nullable(time()),
  retry_at: nullable(time()),
  skip_reason: nullable(oneOf(["UPSTREAM_FAILED", "NO_OUTPUT", "NOT_SELECTED"])),
  items: nullable(integer("A generator's number of items; null: not known yet.")),
  reused_from: nullable(uuid("The run whose result this is.")),
};

const IDLE_CONFIG = list(
  object({ key: text(), nodes: list(text(), "The nodes that take it.") }),
  "Keys of the config that were changed, but act only in nodes of which no step runs: the change does nothing.",
);

const SENSOR: Record<string, JsonSchema> = {
  name: text(),
  kind: oneOf(["sensor", "run_status_sensor"]),
  description: nullable(text()),
  jobs: list(text(), "Jobs that it may launch."),
  minimum_interval_seconds: number(),
  default_status: oneOf(["RUNNING", "STOPPED"]),
  run_statuses: list(text()),
  monitored_jobs: list(text(), "Jobs that it watches; none: all."),
  status: oneOf(["RUNNING", "STOPPED"]),
  status_by_user: boolean("A user has started or stopped it: the default status no longer counts."),
  status_since: nullable(time("When it was last started or stopped; null: never, or before that was kept.")),
  code_version: text(),
  version: integer("Rises with each start, stop, cursor and tick."),
  published_at: time("When its definition or its code last changed."),
  evaluating: boolean(),
  next_tick_at: time(),
  last_tick_at: nullable(time()),
  last_tick: nullable(object({ id: uuid(), status: text(), started_at: time(), skip_reason: nullable(text()) })),
};

const SENSOR_ACTIVITY: JsonSchema = {
  ...object({
    ticks: object({
      status: list(oneOf(["STARTED", "SKIPPED", "SUCCESS", "FAILURE"])),
      started_at: list(time()),
      runs: list(integer("How many runs it launched.")),
    }),
    runs_24h: integer("Runs that it launched in the last 24 hours."),
    failing_since: nullable(
      time("The first of the failures that its last ticks are; null: its last tick did not fail."),
    ),
    error: nullable(text("What its last tick threw.")),
  }),
  description: "Where `ticks` asks for it. Ticks are columns, oldest first: the same place in each is the same tick.",
};

const WHOLE_RUN: Record<string, JsonSchema> = {
  ...RUN,
  config: anyObject(),
  graph_id: text(),
  selection: nullable(list(object({ node: text(), path: list(text()) }))),
  error: nullable(ref("Error")),
};

/** Everything that answers are made of, by name: `components.schemas` of the OpenAPI document. */
const LOG_LINE: Record<string, JsonSchema> = {
  id: text("Give it as `after` to go on behind this line."),
  at: time(),
  step: text(),
  attempt: integer(),
  stream: oneOf(["stdout", "stderr", "log"]),
  level: oneOf(["debug", "info", "warn", "error"]),
  text: text(),
};

export const SCHEMAS: Record<string, JsonSchema> = {
  Problem: {
    type: "object",
    description: "RFC 9457. Programs act on `code`.",
    properties: {
      type: text(),
      title: text(),
      status: integer(),
      detail: text(),
      code: text(),
      errors: list(
        { type: "object", properties: { pointer: text(), message: text() }, required: ["pointer", "message"] },
        "What is wrong with the body, each by JSON pointer; of more than 100 the first.",
      ),
      parameter: text("The query parameter that is wrong."),
      request_id: uuid("By which the server's log names the request."),
    },
    required: ["type", "title", "status", "detail", "code", "request_id"],
  },
  ...DEPLOYMENT,
  ...STORAGE,
  ...ACCESS,
  ...SIGN_IN,
  ...JOBS,
  ...OVERVIEW,
  ...RUN_LISTS,
  ...TIMELINE,
  RunSummary: object(RUN),
  Run: object(WHOLE_RUN),
  Reexecution: object({
    ...WHOLE_RUN,
    idle_config: IDLE_CONFIG,
  }),
  ReexecutionPlan: object({
    again: list(
      object({ node: text(), steps: nullable(integer("null: as many as its generators will make.")) }),
      "The nodes of which steps run, in the graph's order, and how many of them.",
    ),
    kept: integer("How many steps keep their results."),
    idle_config: IDLE_CONFIG,
  }),
  Error: {
    type: "object",
    properties: { name: text(), message: text(), code: text(), stack: text(), metadata: anyObject() },
    required: ["name", "message"],
  },
  StepSummary: object({ ...STEP, error: nullable(ref("Error")) }),
  Step: object({
    ...STEP,
    error: nullable(ref("Error")),
    outputs: nullable(anyObject("Values by output name; null before SUCCESS.")),
    inputs: anyObject("By input name: `{ value }`, or `{ list, more }` with the first 100 elements."),
  }),
  Item: object({ key: text(), ordinal: integer(), value: {} }),
  Event: object({
    seq: integer("Counts from 1 within a run, without gaps."),
    at: time(),
    type: oneOf(EVENT_TYPES),
    step: nullable(text()),
    data: nullable(anyObject()),
  }),
  LogLine: object(LOG_LINE),
  LogCount: object({ lines: integer(), complete: boolean("False: there are more.") }),
  LogLines: object({ items: list(ref("NumberedLogLine")) }),
  NumberedLogLine: object({ ...LOG_LINE, number: integer("Its number among all lines behind `after`, from 1.") }),
  LogSearch: object({
    lines: integer("Lines of the run behind `after`."),
    shown: integer("Those of the filter: its rows, counted from 0."),
    kinds: anyObject("Lines by kind, of the other filters."),
    places: list(list({}), "Number and id of the lines in rows 499, 999, …: where the next page begins."),
    match_count: integer(),
    matches: list(integer(), "Rows that match, the first 10,000."),
    errors: list(integer(), "Rows of errors, thinned out to about 300."),
    warnings: list(integer(), "Rows of warnings, thinned out to about 300."),
    last: nullable(text("Id of the last line of all; null: there is none behind `after`.")),
  }),
  CancelAnswer: object({
    id: uuid(),
    status: oneOf(RUN_STATUSES, "As recorded now; the run's owner cancels it."),
    cancel_requested_at: nullable(time()),
  }),
  SensorSummary: object({ ...SENSOR, activity: SENSOR_ACTIVITY }, ["activity"]),
  Sensor: object({ ...SENSOR, cursor: nullable(text()) }),
  Tick: object({
    id: uuid(),
    instigator: text(),
    status: oneOf(["STARTED", "SKIPPED", "SUCCESS", "FAILURE"]),
    started_at: time(),
    ended_at: nullable(time()),
    skip_reason: nullable(text()),
    error: nullable(ref("Error")),
    cursor: nullable(text()),
    run_ids: list(uuid()),
    known_run_keys: list(text(), "Asked for, but had launched a run before."),
  }),
  Worker: object({
    id: text(),
    host: text(),
    pid: integer(),
    queues: list(text()),
    slots: integer(),
    busy: integer("Steps running now."),
    steps: list(
      object({ run_id: text(), step: text(), slot: nullable(text("As `process.slot`; null: it is not told.")) }),
      "Of these, the first 64.",
    ),
    processes: integer(),
    concurrency: integer("Steps per process."),
    code_version: text(),
    ops: integer(),
    started_at: time(),
    last_seen_at: time(),
    cpu: number(),
    rss: number("Bytes."),
    draining: boolean("It takes nothing new, and ends once what it has in hand has ended."),
    draining_since: nullable(time("As far as this web server has heard.")),
    problems: list(text(), "What keeps it from its work, such as a queue that it cannot use."),
  }),
  Queue: object({
    name: text(),
    queued: integer("Steps that wait: dispatched or held back."),
    held_back: integer("Of these, the ones that are not dispatched yet, so that they can still be ordered anew."),
    running: integer(),
    up_for_retry: integer(),
    messages: nullable(integer("Messages with the broker that no worker has in hand; null: not known.")),
    unacked: nullable(integer("Messages that workers have in hand and have not acknowledged; null: not known.")),
    workers: integer(),
    slots: integer(),
    busy: integer(),
    growth_per_second: nullable(number("Over the last minute; null: not known yet.")),
    drained_in_seconds: nullable(number("At that pace; null: it does not shrink, or is not known yet.")),
    in_per_second: nullable(number("Steps that became ready, lately; null: not known yet.")),
    out_per_second: number("Steps that began, over the last half of a minute."),
    oldest_ready_at: nullable(time("Of the dispatched steps that wait, the one that has waited longest.")),
  }),
  Waiting: object({
    rule: nullable(
      oneOf(
        ["no_daemon", "max_concurrent_runs", "its_turn"],
        "What keeps it from starting: nobody admits runs, as many go on as may, or it is about to start. null: it waits for nothing.",
      ),
    ),
    ahead: integer("Queued runs that go before it, by priority and age; 10,000 at most."),
    going_on: integer("Admitted runs that have not ended."),
    max_concurrent_runs: integer(),
  }),
  LostWorker: object({
    id: text(),
    host: text(),
    queues: list(text()),
    slots: integer(),
    last_seen_at: time(),
    held: integer("Steps that it had in hand."),
    open: integer("Of these, the ones that still count as running there; all others went back or have ended."),
    waiting: integer("Of these, the ones that wait for another worker."),
  }),
  Coordinator: object({
    id: text(),
    live: boolean(),
    shards: list(integer()),
    runs: integer("Admitted runs that have not ended."),
  }),
  Health: object({ status: oneOf(["ok", "failed"]), version: text(), problem: text("Why.") }, ["problem"]),
  Readiness: object({
    status: oneOf(["ready", "not_ready"]),
    checks: list(object({ name: text(), ok: boolean(), problems: list(text()) })),
  }),
};
