import type { SensorDefinition, ValidationIssue } from "../core/graph";
import type { JsonObject } from "../core/json";
import type { RunRequest } from "../core/sensing";
import type { Launch } from "../core/ticks";
import type { LaunchableJob } from "./ports";
import { readableText, whyUnstorable } from "./storable";

const PRIORITY_TAG = "dagster/priority";
const LONGEST_RUN_KEY = 10_000;
const MAX_REQUESTS = 10_000;
const MAX_ISSUES = 20;
const LARGEST_PRIORITY = 2 ** 31 - 1;

/** A request that cannot be launched: none of its tick is. */
export class BadRequest extends Error {
  override readonly name = "BadRunRequest";
  readonly code = "BAD_RUN_REQUEST";
  constructor(
    message: string,
    readonly metadata: JsonObject,
  ) {
    super(message);
  }
}

/** Names of the jobs that requests ask for. */
export const requestedJobs = (sensor: SensorDefinition, requests: readonly RunRequest[]): string[] => [
  ...new Set(requests.flatMap((request) => request.job ?? sensor.jobs[0] ?? [])),
];

/**
 * Turns a tick's requests into launches: all of them, or BadRequest naming the first that cannot be launched, its
 * place, its run key and the JSON pointer of the fault. A key that is asked for twice launches once.
 */
export const planLaunches = (
  sensor: SensorDefinition,
  requests: readonly RunRequest[],
  jobs: ReadonlyMap<string, LaunchableJob>,
): Launch[] => {
  if (requests.length > MAX_REQUESTS) {
    throw new BadRequest(
      `Sensor "${sensor.name}" asks for ${requests.length} runs in one tick; ${MAX_REQUESTS} is the limit. ` +
        "Nothing was launched. Ask for fewer and keep your place in the cursor.",
      { requests: requests.length, limit: MAX_REQUESTS },
    );
  }
  return requests.map((request, index) => planLaunch(sensor, request, { index, of: requests.length }, jobs));
};

interface Place {
  index: number;
  of: number;
}

const planLaunch = (
  sensor: SensorDefinition,
  request: RunRequest,
  place: Place,
  jobs: ReadonlyMap<string, LaunchableJob>,
): Launch => {
  const refuse = (pointer: string, problem: string, advice: string, more: JsonObject = {}): never => {
    throw badRequest(sensor, request, place, { pointer, problem, advice, more });
  };
  const issue = shapeIssue(request);
  if (issue) return refuse(issue.pointer, issue.message, "Correct what the sensor returns");

  const name = request.job ?? sensor.jobs[0];
  if (name === undefined) return refuse("/job", "names no job, and the sensor has none", "Name a job in the request");
  if (!sensor.jobs.includes(name)) {
    const allowed = sensor.jobs.map((job) => `"${job}"`).join(", ") || "none";
    return refuse(
      "/job",
      `names the job "${name}", which is not one of the sensor's (${allowed})`,
      "Add it to its jobs",
    );
  }
  const job = jobs.get(name);
  if (!job)
    return refuse("/job", `names the job "${name}", which does not exist`, "Publish the job or correct its name");

  const config = { ...job.defaultConfig, ...request.config };
  const issues = job.checkConfig(config);
  if (issues.length > 0) {
    const problem = `has a config that job "${name}" does not take: ${issues.slice(0, 3).map(sentence).join("; ")}`;
    const shown = issues
      .slice(0, MAX_ISSUES)
      .map(({ pointer, message }) => ({ pointer: `/config${pointer}`, message }));
    return refuse(`/config${issues[0]!.pointer}`, problem, "Correct the config that the sensor gives", {
      issues: shown,
    });
  }
  const tags = { ...job.tags, ...request.tags, "dagster/sensor_name": sensor.name };
  const runKey = request.runKey ?? null;
  return {
    job: name,
    graphId: job.graphId,
    codeVersion: job.codeVersion,
    runKey,
    config,
    tags: runKey === null ? tags : { ...tags, "dagster/run_key": runKey },
    priority: request.priority ?? priorityOf(tags),
  };
};

const sentence = ({ pointer, message }: ValidationIssue): string => `${message} (/config${pointer})`;

/** User code may have been written without types: nothing is taken for granted. */
const shapeIssue = (request: RunRequest): ValidationIssue | null => {
  if (!isRecord(request)) return { pointer: "", message: "is not an object" };
  const { job, runKey, config, tags, priority } = request as Record<keyof RunRequest, unknown>;
  if (job !== undefined && typeof job !== "string") return { pointer: "/job", message: "has a job that is not a name" };
  if (runKey !== undefined) {
    if (typeof runKey !== "string") return { pointer: "/runKey", message: "has a run key that is not a string" };
    if (runKey === "") return { pointer: "/runKey", message: "has an empty run key" };
    if (runKey.length > LONGEST_RUN_KEY)
      return {
        pointer: "/runKey",
        message: `has a run key of ${runKey.length} characters; ${LONGEST_RUN_KEY} is the limit`,
      };
    const why = whyUnstorable(runKey);
    if (why) return { pointer: "/runKey", message: `has a run key that cannot be stored: ${why}` };
  }
  if (config !== undefined && !isRecord(config))
    return { pointer: "/config", message: "has a config that is not an object" };
  if (priority !== undefined && !isPriority(priority))
    return { pointer: "/priority", message: "has a priority that is not a whole number of 32 bits" };
  return tags === undefined ? null : tagIssue(tags);
};

const tagIssue = (tags: unknown): ValidationIssue | null => {
  if (!isRecord(tags)) return { pointer: "/tags", message: "has tags that are not an object" };
  for (const [key, value] of Object.entries(tags)) {
    const pointer = `/tags/${readableText(key, 200).replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (typeof value !== "string") return { pointer, message: `has a tag that is not a string (${typeof value})` };
    const why = whyUnstorable(key) ?? whyUnstorable(value);
    if (why) return { pointer, message: `has a tag that cannot be stored: ${why}` };
  }
  return null;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isPriority = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= LARGEST_PRIORITY;

const priorityOf = (tags: Record<string, string>): number => {
  const value = Number(tags[PRIORITY_TAG] ?? 0);
  return isPriority(value) ? value : 0;
};

const badRequest = (
  sensor: SensorDefinition,
  request: RunRequest,
  { index, of }: Place,
  { pointer, problem, advice, more }: { pointer: string; problem: string; advice: string; more: JsonObject },
): BadRequest => {
  const key = isRecord(request) && typeof request.runKey === "string" ? readableText(request.runKey, 200) : null;
  const who = `Request ${index + 1} of ${of}${key === null ? "" : ` (run key "${key}")`} of sensor "${sensor.name}"`;
  return new BadRequest(
    readableText(`${who} ${problem} (at ${pointer || "/"}). None of the tick's runs was launched. ${advice}.`),
    { request: index, run_key: key, pointer, ...more },
  );
};
