import type { JsonSchema } from "../../core/json";
import { RUN_STATUSES, type RunStatus } from "../../core/status";
import type { Choice, RunFilter, Tag } from "../../store/queries/run-filter";
import { invalidParameter } from "./validate";

/** As many runs may be chosen one by one. */
const MOST_IDS = 1_000;

const repeatable = (items: JsonSchema, description: string, maxItems = 100): JsonSchema => ({
  type: "array",
  maxItems,
  items: { type: "string", minLength: 1, maxLength: 2000, ...items },
  description,
});
const time = (description: string): JsonSchema => ({ type: "string", format: "date-time", description });
const milliseconds = (description: string): JsonSchema => ({ type: "integer", minimum: 0, description });

/** The parameters by which runs are filtered, in queries and in bodies. */
export const RUN_FILTER: Record<string, JsonSchema> = {
  status: repeatable(
    { enum: RUN_STATUSES.flatMap((status) => [status, `-${status}`]) },
    "Repeatable: any of them; with `-` before it: none of them.",
  ),
  job: repeatable({}, "`nightly`, `fx_*`, `-test_*`. Repeatable: any of them, and none of those with a `-`."),
  tag: repeatable(
    { pattern: "^[^:]+:" },
    "`key:value` or `-key:value`. Repeatable: all of them, and none of those with a `-`.",
  ),
  by: repeatable(
    {},
    "What launched them: `sensor:<name>`, `reexecution` or `api`, with `*` and `-` as in `job`. Repeatable.",
  ),
  error: repeatable({}, "Class of a failed run's first error, with `*` and `-` as in `job`. Repeatable."),
  id: repeatable(
    { pattern: "^[0-9a-fA-F]{8}[0-9a-fA-F-]{0,28}$" },
    "An id, or how it begins (8 characters at least). Repeatable: any of them.",
    MOST_IDS,
  ),
  parent_run_id: { type: "string", format: "uuid" },
  created_after: time("Exclusive."),
  created_before: time("Exclusive."),
  longer_than_ms: milliseconds("From start to end, or until now. Exclusive."),
  shorter_than_ms: milliseconds("Exclusive."),
};

interface Given {
  status?: string[];
  job?: string[];
  tag?: string[];
  by?: string[];
  error?: string[];
  id?: string[];
  parent_run_id?: string;
  created_after?: string;
  created_before?: string;
  longer_than_ms?: number;
  shorter_than_ms?: number;
}

/**
 * The filter that parameters of RUN_FILTER stand for; others are passed over.
 * @param refused the error where a parameter holds what no schema refuses; INVALID_PARAMETER if not given.
 */
export const readRunFilter = (given: Readonly<Record<string, unknown>>, refused = invalidParameter): RunFilter => {
  const { status, job, tag, by, error, id, ...rest } = given as Given;
  const { parent_run_id, created_after, created_before, longer_than_ms, shorter_than_ms } = rest;
  for (const [name, value] of Object.entries({ created_after, created_before })) requireTime(name, value, refused);
  const tags = tag && choiceOf(tag);
  return defined({
    status: status && (choiceOf(status) as Choice<RunStatus>),
    job: job && choiceOf(job),
    tags: tags && { all: tags.any.map(readTag), none: tags.none.map(readTag) },
    by: by && choiceOf(by),
    error: error && choiceOf(error),
    ids: id?.map((one) => requireId(one, refused)),
    ...{ parent_run_id, created_after, created_before, longer_than_ms, shorter_than_ms },
  });
};

const defined = <T extends object>(filter: T): RunFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));

const choiceOf = (texts: readonly string[]): Choice => ({
  any: texts.filter((text) => !text.startsWith("-")),
  none: texts.filter((text) => text.startsWith("-")).map((text) => text.slice(1)),
});

const readTag = (tag: string): Tag => {
  const colon = tag.indexOf(":");
  return [tag.slice(0, colon), tag.slice(colon + 1)];
};

type Refused = typeof invalidParameter;

const requireId = (id: string, refused: Refused): string => {
  if (id.replaceAll("-", "").length <= 32) return id;
  throw refused("id", `is longer than an id; got "${id}"`);
};

/** Beyond the format: instants that are none, such as 30 February, and years and offsets that the database does not know. */
/** An instant of the query in Unix ms; undefined: it is not given. @throws DqueueError INVALID_PARAMETER. */
export const instantOf = (name: string, value: unknown): number | undefined => {
  requireTime(name, value as string | undefined);
  return value === undefined ? undefined : Date.parse(value as string);
};

export const requireTime = (name: string, value: string | undefined, refused: Refused = invalidParameter): void => {
  if (value === undefined) return;
  const at = Date.parse(value);
  const [, offsetHours = "0"] = /[+-](\d\d):?\d\d$/.exec(value) ?? [];
  if (Number.isNaN(at) || new Date(at).getUTCFullYear() < 1 || Number(offsetHours) > 15)
    throw refused(name, "is not an instant that exists");
};
