import type { StepError } from "../core/errors";
import type { Json } from "../core/json";

const UNSTORABLE = /\u0000|\p{Surrogate}/gu;

/**
 * Text as PostgreSQL can store it: NUL becomes ␀, half of a surrogate pair becomes �. One such character would refuse
 * the whole commit, with the rows of a hundred innocent steps.
 */
export const storableText = (text: string): string =>
  text.replace(UNSTORABLE, (char) => (char === "\u0000" ? "\u2400" : "\ufffd"));

const storableJson = <T extends Json>(value: T): T => {
  if (typeof value === "string") return storableText(value) as T;
  if (Array.isArray(value)) return value.map(storableJson) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item)])) as T;
};

/** An error whose texts can be stored and whose size is bounded; what is cut says so. */
export const storableError = (error: StepError, depth = 0): StepError => ({
  name: storableText(cut(error.name, 200)),
  message: storableText(cut(error.message, MESSAGE_CHARS)),
  ...(error.code !== undefined && { code: error.code }),
  ...(error.stack !== undefined && { stack: storableText(cut(error.stack, STACK_CHARS)) }),
  ...(error.metadata !== undefined && { metadata: boundedMetadata(storableJson(error.metadata)) }),
  ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: storableError(error.cause, depth + 1) }),
});

const MAX_CAUSES = 10;
const MESSAGE_CHARS = 16_000;
const STACK_CHARS = 32_000;
const METADATA_CHARS = 64_000;

const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;

const boundedMetadata = (metadata: NonNullable<StepError["metadata"]>): NonNullable<StepError["metadata"]> => {
  const size = JSON.stringify(metadata).length;
  return size <= METADATA_CHARS
    ? metadata
    : { omitted: `metadata of ${size} characters; the limit is ${METADATA_CHARS}` };
};
