import { z } from "zod";
import { DqueueError } from "../core/errors";
import type { SensorDefinition as PublishedSensor } from "../core/graph";
import type { Json, JsonObject } from "../core/json";
import type { EndedRun, LatestRun, RunRequest, SensorAnswer, SensorContext } from "../core/sensing";
import { suggestion } from "../core/nearest";
import { branded } from "./brand";
import { checkDefinition, checkName } from "./checks";
import type { Log } from "./context";
import { invalidDefinition, shown } from "./definition-error";
import type { JobDefinition } from "./job";
import type { OptionNames } from "./options";
import { checkStorable, storableText } from "./storable";

export type { EndedRun, LatestRun };

const RUN_REQUEST = Symbol.for("dqueue.RunRequest");
const SKIP = Symbol.for("dqueue.SkipReason");

/** A job or its name. */
type JobRef = JobDefinition | string;

/** What a sensor asks for. `config` and `tags` as in a launch; a `runKey` launches once per sensor, for ever. */
export interface RunRequestOptions extends Omit<RunRequest, "job"> {
  /** One of the sensor's jobs; absent: the first. */
  job?: JobRef;
}
/** A run request or a skip reason, as `runRequest` and `skip` make them. */
export interface MadeRunRequest extends RunRequestOptions {
  readonly [RUN_REQUEST]: true;
}
export interface SkipReason {
  readonly [SKIP]: true;
  readonly reason: string;
}

/** Asks for a run: what a sensor returns. */
export const runRequest = (options: RunRequestOptions = {}): MadeRunRequest =>
  Object.defineProperty({ ...options } as MadeRunRequest, RUN_REQUEST, { value: true });

/** Says why a sensor asks for nothing; the tick shows it. */
export const skip = (reason: string): SkipReason =>
  Object.defineProperty({ reason } as SkipReason, SKIP, { value: true });

/** What a sensor's function gets. Times are Dates by the database's clock. */
export interface SensorEvaluation {
  readonly sensor: string;
  readonly log: Log;
  readonly now: Date;
  /** What the last successful tick left with `setCursor`; null before. */
  readonly cursor: string | null;
  /** Kept if, and only if, this tick's requests are. */
  readonly setCursor: (cursor: string | null) => void;
  /** Dagster's name for `setCursor`. */
  readonly updateCursor: (cursor: string | null) => void;
  /** null before the first tick. */
  readonly lastTickAt: Date | null;
  readonly runs: {
    /** The latest run of one of the sensor's jobs, whoever launched it; null: there is none. */
    latest(job?: JobRef): LatestRun | null;
  };
}

export type SensorResult = MadeRunRequest | MadeRunRequest[] | SkipReason | void | null | undefined;

interface CommonOptions {
  name: string;
  description?: string;
  /** Seconds between two evaluations, at least. 30 by default. */
  minimumIntervalSeconds?: number;
  /** Whether it runs before anyone started or stopped it. STOPPED by default. */
  defaultStatus?: "RUNNING" | "STOPPED";
}

export interface SensorOptions extends CommonOptions {
  job?: JobRef;
  /** In place of `job`: several; a request names one of them. */
  jobs?: readonly JobRef[];
  evaluate: (context: SensorEvaluation) => SensorResult | Promise<SensorResult>;
}

const ENDED = ["SUCCESS", "FAILURE", "CANCELED"] as const;

export interface RunStatusSensorOptions extends CommonOptions {
  /** Which ends of runs it is told of. */
  statuses: readonly (typeof ENDED)[number][];
  /** Jobs that it watches; none: all. */
  jobs?: readonly JobRef[];
  /** Jobs that it may launch. */
  requests?: readonly JobRef[];
  run: (context: SensorEvaluation & { readonly run: EndedRun }) => SensorResult | Promise<SensorResult>;
}

const COMMON_OPTIONS: OptionNames<CommonOptions> = {
  name: true,
  description: true,
  minimumIntervalSeconds: true,
  defaultStatus: true,
};
const SENSOR_OPTIONS: OptionNames<SensorOptions> = { ...COMMON_OPTIONS, job: true, jobs: true, evaluate: true };
const RUN_STATUS_SENSOR_OPTIONS: OptionNames<RunStatusSensorOptions> = {
  ...COMMON_OPTIONS,
  statuses: true,
  jobs: true,
  requests: true,
  run: true,
};

/** A sensor as the runtime uses it. */
export interface SensorObject {
  readonly kind: "sensor";
  readonly name: string;
  /** What the catalog publishes. */
  readonly definition: PublishedSensor;
  readonly evaluate: (context: SensorEvaluation & { run?: EndedRun }) => SensorResult | Promise<SensorResult>;
}

/** Declares a sensor: a function that is evaluated at intervals and asks for runs. @throws INVALID_DEFINITION. */
export const sensor = (options: SensorOptions): SensorObject => {
  checkDefinition("sensor", options, SENSOR_OPTIONS);
  const jobs = [...(options.job === undefined ? [] : [options.job]), ...(options.jobs ?? [])].map(jobName);
  if (jobs.length === 0)
    throw invalidDefinition({
      sensor: options.name,
      field: "job",
      problem: "it has no job",
      fix: "give job, or jobs if it chooses among several",
    });
  return make(options, options.evaluate as SensorObject["evaluate"], {
    kind: "sensor",
    jobs: [...new Set(jobs)],
    runStatuses: [],
    monitoredJobs: [],
  });
};

/** Declares a sensor that is told of each run that ended with one of `statuses`, once. @throws INVALID_DEFINITION. */
export const runStatusSensor = (options: RunStatusSensorOptions): SensorObject => {
  checkDefinition("sensor", options, RUN_STATUS_SENSOR_OPTIONS);
  const { statuses = [] } = options;
  const wrong = statuses.find((status) => !ENDED.includes(status));
  if (wrong !== undefined || statuses.length === 0)
    throw invalidDefinition({
      sensor: options.name,
      field: "statuses",
      problem: wrong === undefined ? "it has none" : `${shown(wrong)} is not an end of a run`,
      fix: `name some of ${ENDED.join(", ")}`,
    });
  return make(options, options.run as SensorObject["evaluate"], {
    kind: "run_status_sensor",
    jobs: (options.requests ?? []).map(jobName),
    runStatuses: [...new Set(statuses)],
    monitoredJobs: [...new Set((options.jobs ?? []).map(jobName))],
  });
};

type Kind = Pick<PublishedSensor, "kind" | "jobs" | "runStatuses" | "monitoredJobs">;

const make = (options: CommonOptions, evaluate: SensorObject["evaluate"], kind: Kind): SensorObject => {
  const { name, minimumIntervalSeconds = 30, defaultStatus = "STOPPED" } = options;
  const refuse = (field: string, value: unknown, fix: string): never => {
    throw invalidDefinition({ sensor: name, field, problem: `${shown(value)} is impossible`, fix });
  };
  if (!(minimumIntervalSeconds > 0 && minimumIntervalSeconds <= 366 * 86_400))
    refuse("minimumIntervalSeconds", minimumIntervalSeconds, "give seconds above 0, up to 366 days");
  if (defaultStatus !== "RUNNING" && defaultStatus !== "STOPPED")
    refuse("defaultStatus", defaultStatus, 'give "RUNNING" or "STOPPED"');
  if (typeof evaluate !== "function") refuse(kind.kind === "sensor" ? "evaluate" : "run", evaluate, "give a function");
  const definition = { name, description: options.description ?? null, minimumIntervalSeconds, defaultStatus, ...kind };
  return branded("sensor", { kind: "sensor" as const, name, definition, evaluate });
};

const jobName = (ref: JobRef): string => {
  const name = typeof ref === "string" ? ref : ref?.name;
  checkName(name, {}, "job");
  return name;
};

/**
 * Evaluates a sensor with what the host knows.
 *
 * @throws what the author's function throws; DqueueError INVALID_SENSOR_RESULT if it returns something else than run
 * requests or a skip reason, or a request is malformed.
 */
export const evaluateSensor = async (object: SensorObject, given: SensorContext, log: Log): Promise<SensorAnswer> => {
  let cursor: string | null | undefined;
  const setCursor = (next: string | null): void => {
    if (next !== null && typeof next !== "string")
      throw new DqueueError(
        "INVALID_SENSOR_RESULT",
        `Sensor "${object.name}": a cursor is a string or null, not ${shown(next)}.`,
      );
    // As it is: a cursor is data. One that cannot be stored is refused by name, with the tick.
    cursor = next;
  };
  const { jobs } = object.definition;
  const context: SensorEvaluation & { run?: EndedRun } = {
    sensor: object.name,
    log,
    now: new Date(given.now),
    cursor: given.cursor,
    setCursor,
    updateCursor: setCursor,
    lastTickAt: given.lastTickAt === null ? null : new Date(given.lastTickAt),
    runs: { latest: (job = jobs[0]!) => latestOf(object.name, given, jobName(job)) },
    ...(given.run ? { run: given.run } : {}),
  };
  const answer = answerOf(object, await object.evaluate(context));
  return cursor === undefined ? answer : { ...answer, cursor };
};

const latestOf = (sensorName: string, given: SensorContext, job: string): LatestRun | null => {
  if (Object.hasOwn(given.latestRuns, job)) return given.latestRuns[job] ?? null;
  throw new DqueueError(
    "UNKNOWN_JOB",
    `Sensor "${sensorName}" asks for the latest run of "${job}", which is not one of its jobs. Add it to the sensor's jobs.`,
  );
};

const requestSchema = z.strictObject({
  job: z
    .union([
      z.string(),
      z.custom<JobDefinition>((value) => typeof (value as { name?: unknown } | null)?.name === "string"),
    ])
    .optional(),
  runKey: z.string().min(1).max(1_000).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  priority: z.number().int().min(-2_147_483_648).max(2_147_483_647).optional(),
});

const answerOf = (object: SensorObject, result: SensorResult): SensorAnswer => {
  if (result === undefined || result === null) return { runRequests: [], skipReason: null };
  const marked = (mark: symbol, value: unknown): boolean =>
    typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[mark] === true;
  if (marked(SKIP, result))
    return { runRequests: [], skipReason: storableText(String((result as SkipReason).reason)).slice(0, 10_000) };
  const list = Array.isArray(result) ? result : [result];
  return {
    skipReason: null,
    runRequests: list.map((one, index) => {
      if (marked(RUN_REQUEST, one)) return checkedRequest(object, one as MadeRunRequest, index);
      throw refused(object, index, `is ${shown(one)}; return runRequest({ … }), an array of them, or skip("reason")`);
    }),
  };
};

const checkedRequest = (object: SensorObject, request: MadeRunRequest, index: number): RunRequest => {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const { path } = issue;
    const message = issue.code === "unrecognized_keys" ? unknownOption(issue.keys[0]!) : issue.message;
    const pointer = path.map((part) => `/${String(part)}`).join("");
    throw refused(object, index, `${message}${pointer && ` (${pointer})`}`, { pointer, request });
  }
  const { job, config, ...rest } = parsed.data;
  const storable = checkStorable({ ...rest, config });
  if (!storable.ok) throw refused(object, index, storable.message, { pointer: storable.pointer, request });
  const name = job === undefined ? object.definition.jobs[0] : jobName(job);
  if (name !== undefined && object.definition.jobs.includes(name))
    return { job: name, ...(storable.json as JsonObject as Record<string, Json>) };
  throw refused(
    object,
    index,
    name === undefined ? "names no job" : `names the job "${name}", which is not one of the sensor's jobs`,
    { pointer: "/job", request },
  );
};

const unknownOption = (name: string): string => {
  const known = Object.keys(requestSchema.shape);
  return `has the option "${name}", which there is not${suggestion(name, known)}; use ${known.join(", ")}`;
};

/** Names a request by its place and, where it has one, its run key: what the author finds it by. `pointer`: inside of it. */
const refused = (
  object: SensorObject,
  index: number,
  problem: string,
  { pointer = "", request }: { pointer?: string; request?: MadeRunRequest } = {},
): DqueueError => {
  const key = typeof request?.runKey === "string" ? storableText(request.runKey.slice(0, 200)) : null;
  const what = `request ${index}${key === null ? "" : ` (run key ${JSON.stringify(key)})`}`;
  return new DqueueError("INVALID_SENSOR_RESULT", `Sensor "${object.name}": ${what} ${problem}.`, {
    request: index,
    run_key: key,
    pointer,
  });
};
