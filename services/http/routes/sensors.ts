import type { JsonSchema } from "../../../core/json";
import type { Database } from "../../../store/database";
import { getSensor, listSensors, listTicks, type SensorRow } from "../../../store/instigators";
import { type ApiRequest, ok, type ReplyDoc, type Route } from "../route";
import { withActivity } from "../sensor-activity";
import { PAGING, pagingOf } from "../schemas/common";
import { SENSOR_CHANGE, SENSOR_CURSOR, SENSOR_TEST } from "../schemas/requests";
import { answers, answersPage } from "./replies";

const NAME = { name: "The sensor's name." };

const TICKS: JsonSchema = {
  type: "integer",
  minimum: 1,
  maximum: 100,
  description: "Each sensor comes with so many of its last ticks and what it did lately, as `activity`.",
};

/** A sensor as the API shows it: its definition's fields beside its state. */
const sensorView = ({ definition, ...row }: SensorRow) => ({
  ...row,
  last_tick: row.last_tick && { ...row.last_tick, started_at: new Date(row.last_tick.started_at).toISOString() },
  description: definition.description,
  jobs: definition.jobs,
  minimum_interval_seconds: definition.minimumIntervalSeconds,
  default_status: definition.defaultStatus,
  run_statuses: definition.runStatuses,
  monitored_jobs: definition.monitoredJobs,
});

/** Evaluating user code takes up to a minute: longer than other calls. */
const TEST_TIMEOUT_MS = 70_000;

interface Change {
  verb: "start" | "stop" | "test" | "cursor";
  summary: string;
  body: { schema: JsonSchema; required: boolean };
  reply?: ReplyDoc;
  run(request: ApiRequest): Promise<unknown>;
}

const changed = async (request: ApiRequest, action: string): Promise<unknown> =>
  sensorView(await request.call<SensorRow>(action, { ...request.body, name: request.params.name }));

const CHANGES: Change[] = [
  {
    verb: "start",
    summary: "Starts a sensor for good: its default status no longer counts.",
    body: { schema: SENSOR_CHANGE, required: false },
    run: (request) => changed(request, "sensors.start"),
  },
  {
    verb: "stop",
    summary: "Stops a sensor for good: its default status no longer counts.",
    body: { schema: SENSOR_CHANGE, required: false },
    run: (request) => changed(request, "sensors.stop"),
  },
  {
    verb: "cursor",
    summary: "Gives a sensor another cursor. Run keys stay taken.",
    body: { schema: SENSOR_CURSOR, required: true },
    run: (request) => changed(request, "sensors.setCursor"),
  },
  {
    verb: "test",
    summary: "Evaluates a sensor without effect and says what a tick would do.",
    body: { schema: SENSOR_TEST, required: false },
    reply: { description: "What a tick would do.", schema: { type: "object" } },
    run: ({ call, body, params }) => call("sensors.test", { ...body, name: params.name }, { timeout: TEST_TIMEOUT_MS }),
  },
];

const changeRoute = ({ verb, summary, body, reply, run }: Change): Route => ({
  method: "POST",
  path: `/api/sensors/:name/${verb}`,
  operation: `${verb === "cursor" ? "setCursorOf" : verb}Sensor`,
  tag: "sensors",
  role: "operator",
  ...(verb === "test" && { changes: false }),
  summary,
  params: NAME,
  body,
  replies: { 200: reply ?? answers("Sensor", "The sensor as it is now.") },
  problems: ["SENSOR_NOT_FOUND", ...(verb === "test" ? [] : ["VERSION_CONFLICT"])],
  handle: async (request) => ok(await run(request)),
});

export const sensorRoutes = ({ db }: { db: Database }): Route[] => [
  {
    method: "GET",
    path: "/api/sensors",
    operation: "listSensors",
    tag: "sensors",
    role: "viewer",
    summary: "Lists sensors by name with their last ticks.",
    query: { ticks: TICKS, ...PAGING },
    replies: { 200: answersPage("SensorSummary", "A page of sensors.") },
    handle: async ({ query }) => {
      const { limit, cursor } = pagingOf(query);
      const { items, next_cursor } = await listSensors(db, { after: cursor ?? undefined, limit });
      const sensors = items.map(sensorView);
      const ticks = query.ticks as number | undefined;
      return ok({ items: ticks === undefined ? sensors : await withActivity(db, sensors, ticks), next_cursor });
    },
  },
  {
    method: "GET",
    path: "/api/sensors/:name",
    operation: "getSensor",
    tag: "sensors",
    role: "viewer",
    summary: "Shows a sensor with its cursor.",
    params: NAME,
    replies: { 200: answers("Sensor", "The sensor.") },
    problems: ["SENSOR_NOT_FOUND"],
    handle: async ({ params }) => ok(sensorView(await getSensor(db, params.name!))),
  },
  {
    method: "GET",
    path: "/api/sensors/:name/ticks",
    operation: "listTicks",
    tag: "sensors",
    role: "viewer",
    summary: "Lists a sensor's ticks, newest first.",
    params: NAME,
    query: { status: { type: "string", enum: ["SKIPPED", "SUCCESS", "FAILURE"] }, ...PAGING },
    replies: { 200: answersPage("Tick", "A page of ticks.") },
    problems: ["SENSOR_NOT_FOUND"],
    handle: async ({ params, query }) => {
      const { limit, cursor } = pagingOf(query);
      const status = query.status as string | undefined;
      return ok(await listTicks(db, { name: params.name!, status, after: cursor ?? undefined, limit }));
    },
  },
  ...CHANGES.map(changeRoute),
];
