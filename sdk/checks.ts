import type { RetryPolicy } from "../core/graph";
import { invalidDefinition, shown } from "./definition-error";
import type { OptionNames } from "./options";
import { checkObject, checkOptions } from "./options";

/** Form of the names of jobs, ops, sub-graphs, inputs, outputs, hooks and sensors. */
export const NAME = /^[A-Za-z0-9_]{1,128}$/;
const QUEUE = /^[A-Za-z0-9_.-]{1,128}$/;
const DAY_MS = 86_400_000;

/** Whose option is checked: the start of every message. */
export interface Place {
  job?: string;
  op?: string;
  sensor?: string;
  resource?: string;
}

/** @throws DqueueError INVALID_DEFINITION unless it has the form of a name. */
export const checkName = (name: unknown, place: Place, field: string): void => {
  if (typeof name === "string" && NAME.test(name)) return;
  throw invalidDefinition({
    ...place,
    field,
    problem: `${shown(name)} is not a name`,
    fix: "use 1 to 128 of the letters A-Z and a-z, digits and _ (dots come from sub-graphs alone)",
  });
};

/**
 * Checks an object that defines something under a name of its own.
 * @throws DqueueError INVALID_DEFINITION unless it has a name and all of its options are known.
 */
export const checkDefinition = (
  kind: "op" | "sensor" | "resource",
  given: { name: string },
  options: Readonly<Record<string, true>>,
): void => {
  checkObject(given, options, { field: kind });
  checkName(given.name, {}, `${kind}.name`);
  checkOptions(given, options, { [kind]: given.name });
};

/** What an author writes about retries; the rest is as in Dagster: one retry, at once. */
export type RetryOptions = Partial<RetryPolicy>;

export const NO_RETRY: RetryPolicy = { maxRetries: 0, delayMs: 0, backoff: null, jitter: null };

const RETRY_OPTIONS: OptionNames<RetryPolicy> = { maxRetries: true, delayMs: true, backoff: true, jitter: true };

/** @throws DqueueError INVALID_DEFINITION for unknown options and for numbers that cannot be meant. */
export const retryPolicy = (given: RetryOptions, place: Place): RetryPolicy => {
  checkOptions(given, RETRY_OPTIONS, place, "retry");
  const policy: RetryPolicy = {
    maxRetries: given.maxRetries ?? 1,
    delayMs: given.delayMs ?? 0,
    backoff: given.backoff ?? null,
    jitter: given.jitter ?? null,
  };
  const refuse = (field: keyof RetryPolicy, fix: string): never => {
    throw invalidDefinition({
      ...place,
      field: `retry.${field}`,
      problem: `${shown(given[field])} is impossible`,
      fix,
    });
  };
  if (!isWhole(policy.maxRetries, 0, 10_000)) refuse("maxRetries", "give a whole number from 0 to 10000");
  if (!isWhole(policy.delayMs, 0, 366 * DAY_MS)) refuse("delayMs", "give whole milliseconds from 0 to 366 days");
  if (policy.backoff !== null && policy.backoff !== "linear" && policy.backoff !== "exponential")
    refuse("backoff", 'give "linear", "exponential" or null');
  if (policy.jitter !== null && policy.jitter !== "full" && policy.jitter !== "plus_minus")
    refuse("jitter", 'give "full", "plus_minus" or null');
  if (policy.delayMs === 0 && policy.backoff !== null) refuse("backoff", "give delayMs too: back-off grows a delay");
  if (policy.delayMs === 0 && policy.jitter !== null) refuse("jitter", "give delayMs too: jitter varies a delay");
  return policy;
};

/** Options that an op has and a call of it may override. */
export interface StepOptions {
  timeoutMs?: number | null;
  queue?: string;
  /** 0–9, higher first. */
  priority?: number;
  pool?: string | null;
  tags?: Record<string, string>;
}

/** Of ops and of jobs. */
export const HOOKS = { onSuccess: true, onFailure: true } as const;

export const STEP_OPTIONS: OptionNames<StepOptions> = {
  timeoutMs: true,
  queue: true,
  priority: true,
  pool: true,
  tags: true,
};

/** @throws DqueueError INVALID_DEFINITION. */
export const checkStepOptions = (options: StepOptions, place: Place): void => {
  const { timeoutMs, queue, priority, pool, tags } = options;
  const refuse = (field: string, value: unknown, fix: string): never => {
    throw invalidDefinition({ ...place, field, problem: `${shown(value)} is impossible`, fix });
  };
  if (timeoutMs != null && !isWhole(timeoutMs, 1, 366 * DAY_MS))
    refuse("timeoutMs", timeoutMs, "give whole milliseconds from 1 to 366 days, or leave it out for no timeout");
  if (priority !== undefined && !isWhole(priority, 0, 9))
    refuse("priority", priority, "give a whole number from 0 to 9");
  if (queue !== undefined && !QUEUE.test(queue)) refuse("queue", queue, "use 1 to 128 letters, digits, _, - and .");
  if (pool != null && !QUEUE.test(pool)) refuse("pool", pool, "use 1 to 128 letters, digits, _, - and .");
  checkTags(tags, place);
};

/** @throws DqueueError INVALID_DEFINITION unless all tags are short strings. */
export const checkTags = (tags: Record<string, string> | undefined, place: Place): void => {
  for (const [key, value] of Object.entries(tags ?? {}))
    if (key.length === 0 || key.length > 255 || typeof value !== "string" || value.length > 2_600)
      throw invalidDefinition({
        ...place,
        field: `tags.${key.slice(0, 40)}`,
        problem: `${shown(value)} is not a tag`,
        fix: "use keys of 1 to 255 and string values of at most 2600 characters",
      });
};

const isWhole = (value: number, from: number, to: number): boolean =>
  Number.isInteger(value) && value >= from && value <= to;

/** @throws DqueueError INVALID_DEFINITION where a definition's function returned a promise. */
export const assertSynchronous = (result: unknown, place: { job: string; op?: string }): void => {
  if (!(result instanceof Promise)) return;
  result.catch(() => {}); // Told below; nobody else waits for it.
  throw invalidDefinition({
    ...place,
    problem: "its function is async, but a graph is defined at once",
    fix: "remove async; read data before job(…) is called, work belongs into ops",
  });
};
