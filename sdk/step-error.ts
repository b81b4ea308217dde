import { DqueueError, type StepError } from "../core/errors";
import type { JsonObject } from "../core/json";
import { hasBrand } from "./brand";
import { NO_SECRETS, type Secrets } from "../core/secrets";
import { checkStorable, cutText, storableText } from "./storable";
import { userStack } from "./user-stack";

/** What became of something that user code threw. */
export interface ThrownError {
  error: StepError;
  /** False: never retried. */
  retryable: boolean;
  retryRequested?: { maxRetries: number; delayMs: number | null };
}

/** Bytes of a message, a stack or metadata. */
const TEXT_LIMIT = 64 * 1024;
const MAX_CAUSES = 10;

/** Codes of errors of ours that no retry mends: the same op with the same input would fail alike. */
const FINAL_CODES = new Set([
  "INVALID_CONFIG",
  "INVALID_DEFINITION",
  "INVALID_INPUT",
  "INVALID_MAPPING_KEY",
  "INVALID_SECRET",
  "DUPLICATE_MAPPING_KEY",
  "NOT_A_GENERATOR",
  "NOT_AN_ITEM",
  "NOT_DYNAMIC",
  "SECRET_IN_OUTPUT",
  "SECRET_MISSING",
  "SECRET_NOT_ALLOWED",
  "UNSTORABLE_VALUE",
  "VALUE_TOO_LARGE",
  "INPUT_TOO_LARGE",
]);

/**
 * Takes whatever user code threw by value: class name, message, stack, metadata and causes, made storable and limited
 * to 64 KiB each. Never throws itself.
 * @param secrets masked wherever they stand in it.
 */
export const toStepError = (thrown: unknown, secrets = NO_SECRETS): ThrownError => {
  const error = byValue(thrown, secrets, new Set());
  if (hasBrand("retryRequested", thrown)) {
    const { maxRetries, delayMs } = thrown as { maxRetries: number; delayMs: number | null };
    return { error, retryable: true, retryRequested: { maxRetries, delayMs } };
  }
  const final = hasBrand("failure", thrown) && attempt(() => (thrown as { retryable: unknown }).retryable) === false;
  const ours = error.name === "DqueueError" && FINAL_CODES.has(error.code ?? "");
  return { error, retryable: !final && !ours };
};

const byValue = (thrown: unknown, secrets: Secrets, seen: Set<unknown>): StepError => {
  // Before it is cut: the half of a secret would not be found.
  const text = (value: string): string => cutText(secrets.mask(storableText(value)), TEXT_LIMIT);
  if (!isErrorLike(thrown)) return { name: "NotAnError", message: text(describeThrown(thrown)) };
  seen.add(thrown);
  const error: StepError = { name: text(nameOf(thrown)), message: text(attempt(() => String(thrown.message)) ?? "") };
  const code = attempt(() => (thrown as { code?: unknown }).code);
  if (typeof code === "string" && code !== "") error.code = text(code);
  const stack = attempt(() => thrown.stack);
  if (typeof stack === "string") error.stack = text(userStack(stack, { onPurpose: error.name === "DqueueError" }));
  const metadata = metadataOf(thrown, secrets);
  if (metadata) error.metadata = metadata;
  const cause = attempt(() => thrown.cause ?? (thrown as { errors?: unknown[] }).errors?.[0]);
  if (cause === undefined || cause === null || seen.size >= MAX_CAUSES) return error;
  error.cause = seen.has(cause)
    ? { name: "CircularCause", message: "This cause stands further up in the chain already" }
    : byValue(cause, secrets, seen);
  return error;
};

/** Errors of another realm or package copy are no `instanceof Error`. */
const isErrorLike = (thrown: unknown): thrown is Error =>
  attempt(
    () =>
      typeof thrown === "object" &&
      thrown !== null &&
      (thrown instanceof Error ||
        Object.prototype.toString.call(thrown) === "[object Error]" ||
        isShapedLikeError(thrown)),
  ) === true;

const isShapedLikeError = (thrown: object): boolean =>
  typeof (thrown as Error).message === "string" && typeof (thrown as Error).stack === "string";

const BUILT_IN = /^(|Type|Range|Syntax|Reference|Eval|URI|Aggregate)Error$/;

/** The class's name: `class MyError extends Error` seldom sets `name`. */
const nameOf = (error: Error): string => {
  const name = attempt(() => error.name);
  const className = attempt(() => error.constructor.name);
  const given = typeof name === "string" && name !== "" && !BUILT_IN.test(name) ? name : className;
  return typeof given === "string" && given !== "" ? given : "Error";
};

const metadataOf = (error: Error, secrets: Secrets): JsonObject | null => {
  const given = attempt(() =>
    error instanceof DqueueError ? error.details : (error as { metadata?: unknown }).metadata,
  );
  if (typeof given !== "object" || given === null || Object.keys(given).length === 0) return null;
  const storable = checkStorable(given);
  if (!storable.ok) return { metadata_left_out: secrets.mask(storableText(storable.message)) };
  const json = secrets.maskIn(storable.json);
  const size = Buffer.byteLength(JSON.stringify(json));
  if (size > TEXT_LIMIT) return { metadata_left_out: `${size} bytes, more than ${TEXT_LIMIT}` };
  return Array.isArray(json) ? { values: json } : (json as JsonObject);
};

const describeThrown = (thrown: unknown): string => {
  if (thrown === undefined) return "undefined was thrown instead of an Error";
  const shown = attempt(() => (typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown)));
  return `${thrown === null ? "null" : `a value of type ${typeof thrown}`} was thrown instead of an Error: ${shown ?? "(cannot be shown)"}`;
};

// Getters and proxies of user code may throw.
const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};
