import { readFileSync } from "node:fs";
import { usageError } from "./exit";

/** The object of `--config`: JSON, or the JSON in a file ("@path"), or on stdin ("@-"). */
export const readConfig = (given: string | undefined): Record<string, unknown> | undefined => {
  if (given === undefined) return undefined;
  const from = given.startsWith("@") ? given.slice(1) : null;
  const text = from === null ? given : readText(from);
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    const where = from === null ? "--config" : `The config file ${from}`;
    throw usageError(`${where} is not JSON: ${(error as Error).message}. Example: --config '{"folder":"./docs"}'`);
  }
  if (typeof config === "object" && config !== null && !Array.isArray(config)) return config as Record<string, unknown>;
  throw usageError(`--config must be a JSON object, e.g. '{"folder":"./docs"}'; got ${text.slice(0, 100)}`);
};

const readText = (from: string): string => {
  try {
    return readFileSync(from === "-" ? 0 : from, "utf8");
  } catch (error) {
    throw usageError(`--config: ${from} cannot be read: ${(error as Error).message}`);
  }
};

/** Repeated `key=value` pairs as an object. */
export const readTags = (pairs: string[]): Record<string, string> | undefined => {
  if (pairs.length === 0) return undefined;
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
