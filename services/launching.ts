import { DqueueError } from "../core/errors";
import { MAX_RUNTIME_TAG, START_TIMEOUT_TAG } from "../core/deadline";
import type { GraphSnapshot, ValidationIssue } from "../core/graph";
import type { JsonObject } from "../core/json";
import { nearestNames } from "../core/nearest";
import { configOf, findJobs, jobNames, type PublishedJob } from "../store/catalog";
import { checkConfig } from "../store/check-config";
import type { Database } from "../store/database";
import type { KeyedLaunch } from "../store/launch";
import { selectOps } from "../store/launch-selection";
import { sortedJson } from "./sorted-json";

/** What a caller asks for, as the API's body has it. */
export interface LaunchRequest {
  job: string;
  config?: JsonObject;
  tags?: Record<string, string>;
  priority?: number;
  run_key?: string;
  steps?: string[];
  idempotency_key?: string | null;
}

const PRIORITY_TAG = "dagster/priority";
const RUN_KEY_TAG = "dagster/run_key";
const LARGEST_PRIORITY = 2 ** 31 - 1;

/** The job as published now. @throws DqueueError JOB_NOT_FOUND with the nearest names. */
export const currentJob = async (db: Database, name: string): Promise<PublishedJob> => {
  const job = (await findJobs(db, [name])).get(name);
  if (job) return job;
  const known = await jobNames(db);
  const nearest = nearestNames(name, known);
  const advice =
    nearest.length > 0
      ? `Did you mean ${nearest.map((near) => `"${near}"`).join(" or ")}?`
      : known.length === 0
        ? "No job is published: start a worker or daemon with your code location."
        : "Those that there are: `dqueue jobs`, GET /api/jobs.";
  throw new DqueueError("JOB_NOT_FOUND", `There is no job "${name}". ${advice}`, { job: name, nearest });
};

/**
 * Turns a request into a launch of the job as published.
 * @throws DqueueError JOB_NOT_FOUND; INVALID_CONFIG, INVALID_BODY or INVALID_SELECTION with `errors: [{pointer, message}]`.
 */
export const planLaunch = async (db: Database, request: LaunchRequest): Promise<KeyedLaunch> => {
  const { name, graph, graphId, codeVersion } = await currentJob(db, request.job);
  const config = configOf(graph, request.config ?? {});
  refuseBadConfig(name, graph, config);
  const given = { ...graph.tags, ...request.tags };
  refuseBadSystemTags(given);
  const selection = request.steps ? selectOps(graph, request.steps) : null;
  const runKey = request.run_key ?? null;
  const { idempotency_key: idempotencyKey = null, ...asked } = request;
  return {
    job: name,
    graphId,
    codeVersion,
    config,
    tags: runKey === null ? given : { ...given, [RUN_KEY_TAG]: runKey },
    priority: request.priority ?? Number(given[PRIORITY_TAG] ?? 0),
    runKey,
    selection,
    idempotencyKey,
    request: sortedJson(asked),
  };
};

/** What a launch would come to. */
export interface LaunchCheck {
  /** By pointers into the request's body. */
  errors: ValidationIssue[];
  /** With the job's defaults; null: it would be refused. */
  config: JsonObject | null;
}

const REFUSED_FOR_ITS_BODY = ["INVALID_CONFIG", "INVALID_BODY", "INVALID_SELECTION"];

/** Says what `planLaunch` says, and launches nothing. @throws DqueueError JOB_NOT_FOUND. */
export const tryLaunch = async (db: Database, request: LaunchRequest): Promise<LaunchCheck> => {
  try {
    const { config } = await planLaunch(db, request);
    return { errors: [], config };
  } catch (error) {
    if (!(error instanceof DqueueError) || !REFUSED_FOR_ITS_BODY.includes(error.code)) throw error;
    return { errors: error.details.errors as unknown as ValidationIssue[], config: null };
  }
};

/** @throws DqueueError INVALID_CONFIG; its pointers are those of the request's body. */
export const refuseBadConfig = (job: string, graph: GraphSnapshot, config: JsonObject): void => {
  const issues = checkConfig(graph, config);
  if (issues.length === 0) return;
  const errors = issues.map(({ pointer, message }) => ({ pointer: `/config${pointer}`, message }));
  throw new DqueueError("INVALID_CONFIG", `Job "${job}" does not take this config: ${sentence(issues[0]!, config)}.`, {
    errors,
  });
};

const sentence = ({ pointer, message }: ValidationIssue, config: JsonObject): string => {
  const path = `config${pointer.replaceAll("/", ".")}`;
  const value = pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((found, key) => (found as JsonObject | undefined)?.[unescape(key)], config);
  const got = value === undefined || pointer === "" ? "" : `; got ${short(JSON.stringify(value))}`;
  return `${path} ${message}${got}`;
};

const unescape = (key: string): string => key.replaceAll("~1", "/").replaceAll("~0", "~");
const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

/** Tags that mean something to dqueue itself must be readable as what they mean. */
const refuseBadSystemTags = (tags: Record<string, string>): void => {
  const errors: { pointer: string; message: string }[] = [];
  const check = (tag: string, fits: (value: number) => boolean, message: string): void => {
    const value = tags[tag];
    if (value === undefined || (value.trim() !== "" && fits(Number(value)))) return;
    errors.push({ pointer: `/tags/${tag.replaceAll("/", "~1")}`, message });
  };
  const isDuration = (value: number): boolean => Number.isFinite(value) && value >= 0;
  check(MAX_RUNTIME_TAG, isDuration, "must be a number of seconds, 0 or more");
  check(START_TIMEOUT_TAG, isDuration, "must be a number of seconds, 0 or more");
  check(
    PRIORITY_TAG,
    (value) => Number.isInteger(value) && Math.abs(value) <= LARGEST_PRIORITY,
    "must be a whole number of 32 bits",
  );
  if (errors.length > 0)
    throw new DqueueError("INVALID_BODY", `${errors[0]!.pointer} ${errors[0]!.message}.`, { errors });
};
