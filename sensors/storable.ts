import type { StepError } from "../core/errors";

const UNSTORABLE = /\u0000|\p{Surrogate}/u;
const ALL_UNSTORABLE = new RegExp(UNSTORABLE, "gu");
const REASON_CHARS = 16_000;
const STACK_CHARS = 32_000;
const MAX_CAUSES = 5;

/** Why the database cannot hold a text as it is; null: it can. */
export const whyUnstorable = (text: string): string | null => {
  const found = UNSTORABLE.exec(text);
  if (found === null) return null;
  return `it holds ${found[0] === "\0" ? "a NUL character" : "half of a surrogate pair"} at position ${found.index}`;
};

/** Text for people to read, made storable and short: NUL becomes ␀, half of a surrogate pair �; a cut says so. */
export const readableText = (text: string, limit = REASON_CHARS): string => {
  const kept = text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
  return kept.replace(ALL_UNSTORABLE, (bad) => (bad === "\0" ? "\u2400" : "\ufffd"));
};

/** Whatever was thrown, as an error that can be stored. */
export const storableError = (thrown: unknown, depth = 0): StepError => {
  const { name, message, stack, code, metadata, cause } = asError(thrown);
  return {
    name: readableText(String(name ?? "Error"), 200),
    message: readableText(String(message ?? "")),
    ...(typeof code === "string" && { code: readableText(code, 200) }),
    ...(typeof stack === "string" && { stack: readableText(stack, STACK_CHARS) }),
    // Text first: a NUL deep inside of it is then an escape, which may be replaced safely.
    ...(metadata !== undefined && {
      metadata: JSON.parse(
        JSON.stringify(metadata, (_key, value: unknown) => (typeof value === "string" ? readableText(value) : value)),
      ) as NonNullable<StepError["metadata"]>,
    }),
    ...(cause != null && depth < MAX_CAUSES && { cause: storableError(cause, depth + 1) }),
  };
};

const asError = (thrown: unknown): Partial<Record<keyof StepError, unknown>> =>
  typeof thrown === "object" && thrown !== null ? thrown : { name: "Error", message: String(thrown) };
