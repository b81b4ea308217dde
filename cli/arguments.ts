import { readFileSync } from "node:fs";
import type { Json, JsonObject, StepStatus } from "../client";
import { RUN_STATUSES } from "../client/run-lists";
import { usageError } from "./exit";

/** The object of `--config`: JSON, or the JSON in a file ("@path"), or on stdin ("@-"). */
export const readConfig = (given: string | undefined): JsonObject | undefined => {
  if (given === undefined) return undefined;
  const from = given.startsWith("@") ? given.slice(1) : null;
  const text = from === null ? given : readText(from);
  let config: Json;
  try {
    config = JSON.parse(text) as Json;
  } catch (error) {
    const where = from === null ? "--config" : `The config file ${from}`;
    throw usageError(`${where} is not JSON: ${(error as Error).message}. Example: --config '{"folder":"./docs"}'`);
  }
  if (typeof config === "object" && config !== null && !Array.isArray(config)) return config;
  throw usageError(`--config must be a JSON object, e.g. '{"folder":"./docs"}'; got ${text.slice(0, 100)}`);
};

const readText = (from: string): string => {
  try {
    return readFileSync(from === "-" ? 0 : from, "utf8");
  } catch (error) {
    throw usageError(`--config: ${from} cannot be read: ${(error as Error).message}`);
  }
};

const STEP_STATUSES: readonly StepStatus[] = [
  "QUEUED",
  "STARTED",
  "UP_FOR_RETRY",
  "SUCCESS",
  "FAILURE",
  "SKIPPED",
  "CANCELED",
];

const readStatuses =
  <T extends string>(known: readonly T[]) =>
  (given: string[] | undefined): T[] | undefined =>
    given
      ?.flatMap((list) => list.split(","))
      .map((name) => {
        const status = known.find((one) => one === name.trim().toUpperCase());
        if (status) return status;
        throw usageError(`--status must be one of ${known.join(", ")}; got "${name}".`);
      });

/** Of `--status`, repeated or separated by commas, in any case. */
export const readRunStatuses = readStatuses(RUN_STATUSES);
export const readStepStatuses = readStatuses(STEP_STATUSES);

/** Repeated `key=value` pairs as an object. */
export const readTags = (pairs: string[] | undefined): Record<string, string> | undefined => {
  if (pairs === undefined) return undefined;
  const tags = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw usageError(`--tag must be key=value; got "${pair}".`);
    tags.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return Object.fromEntries(tags);
};

export const readWholeNumber = (name: string, given: string | undefined): number | undefined => {
  if (given === undefined) return undefined;
  if (/^-?\d{1,9}$/.test(given)) return Number(given);
  throw usageError(`${name} must be a whole number; got "${given}".`);
};

const MOST = 1_000;

/** Of `--limit`. */
export const readLimit = (given: string): number => {
  const limit = readWholeNumber("--limit", given)!;
  if (limit >= 1 && limit <= MOST) return limit;
  throw usageError(`--limit must be 1 to ${MOST}; got "${given}".`);
};
