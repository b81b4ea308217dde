import type { ErrorObject } from "ajv/dist/2020";
import type { JsonSchema } from "../../core/json";
import { suggestion } from "../../core/nearest";
import { type Flaw, MOST_FLAWS } from "./text";

/** These only sum up what other errors say of the same value. */
const SUMMARIES = new Set(["propertyNames", "if"]);

/** Of a validation, in plain words: what is wrong where, each thing once, MOST_FLAWS at most. `errors` are of a verbose ajv. */
export const flawsOf = (errors: readonly ErrorObject[]): Flaw[] => {
  const told = errors.filter(({ keyword }) => !SUMMARIES.has(keyword)).slice(0, MOST_FLAWS);
  const flaws = told.filter((error) => !isBranch(error, told)).map((error) => flawOf(error, told));
  return flaws.filter(
    (flaw, i) => flaws.findIndex((f) => f.pointer === flaw.pointer && f.message === flaw.message) === i,
  );
};

/** Whether an error stands below a choice of schemas, or is a choice's own, and the other tells it better. */
const isBranch = (error: ErrorObject, all: readonly ErrorObject[]): boolean => {
  if (error.keyword === "anyOf") return branchesOf(error, all).some(({ keyword }) => keyword !== "type");
  return error.keyword === "type" && all.some((one) => one.keyword === "anyOf" && branchesOf(one, all).includes(error));
};

const branchesOf = ({ schemaPath }: ErrorObject, all: readonly ErrorObject[]): ErrorObject[] =>
  all.filter((one) => one.schemaPath.startsWith(`${schemaPath}/`));

/** An ajv error as a pointer to the offending value (for a missing or unknown key: to that key) and a text. */
const flawOf = (error: ErrorObject, all: readonly ErrorObject[]): Flaw => {
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params as Record<
    string,
    string | undefined
  >;
  // A key that is at fault itself (propertyNames) is named beside the params.
  const key = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? error.propertyName;
  const pointer = key === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(key)}`;
  const types = branchesOf(error, all).flatMap(({ params }) => (params as { type?: string }).type ?? []);
  return { pointer, message: error.keyword === "anyOf" ? `must be ${types.map(kind).join(" or ")}` : messageOf(error) };
};

export const escapePointer = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};
const kind = (type: string): string => KINDS[type] ?? type;

const messageOf = ({ keyword, params, parentSchema = {} }: ErrorObject): string => {
  const { limit } = params as { limit?: number };
  switch (keyword) {
    case "required":
      return "is required";
    case "additionalProperties":
    case "unevaluatedProperties":
      return `is not known here${suggestion(
        String(params.additionalProperty ?? params.unevaluatedProperty),
        Object.keys((parentSchema.properties as object | undefined) ?? {}),
      )}`;
    case "enum":
      return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    case "const":
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case "type":
      return `must be ${[params.type as string | string[]].flat().map(kind).join(" or ")}`;
    case "minimum":
      return `must be at least ${limit}`;
    case "maximum":
      return `must be at most ${limit}`;
    case "minLength":
    case "minItems":
      return limit === 1 ? "must not be empty" : `must have at least ${limit} ${counted(keyword)}`;
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return `must have at most ${limit} ${counted(keyword)}`;
    case "format":
      return `must be ${FORMATS[params.format as string] ?? `of the form "${params.format}"`}`;
    default:
      return said(parentSchema);
  }
};

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "a date and time such as 2026-01-31T12:00:00Z",
  uuid: "an id such as 01890c5e-8a6b-7cc0-98e1-0123456789ab",
};

const counted = (keyword: string): string =>
  keyword.endsWith("Length") ? "characters" : keyword.endsWith("Items") ? "items" : "keys";

/** What words alone can tell, such as a pattern: the schema's author has told it in its `errorMessage`. */
const said = ({ errorMessage, pattern }: JsonSchema): string =>
  typeof errorMessage === "string" ? errorMessage : pattern === undefined ? "is not valid" : `must match ${pattern}`;
