import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { DqueueError } from "../../core/errors";
import type { Json, JsonObject, JsonSchema } from "../../core/json";
import { suggestion } from "../../core/nearest";
import { flawsOf } from "./flaws";
import { unstorableText } from "./text";

const ajv = new Ajv2020({ allErrors: true, strict: false, allowUnionTypes: true, verbose: true });
addFormats(ajv);

const compiled = new WeakMap<JsonSchema, ValidateFunction>();
const validatorOf = (schema: JsonSchema): ValidateFunction => {
  let validate = compiled.get(schema);
  if (!validate) compiled.set(schema, (validate = ajv.compile(schema)));
  return validate;
};

/** @throws DqueueError INVALID_BODY with all that is wrong, as `errors: [{pointer, message}]`. */
export const checkBody = (schema: JsonSchema, body: Json): void => {
  const validate = validatorOf(schema);
  if (validate(body)) return;
  const flaws = flawsOf(validate.errors!);
  const [first] = flaws;
  throw new DqueueError("INVALID_BODY", `${first!.pointer || "The body"} ${first!.message}.`, { errors: flaws });
};

/**
 * Reads a query string by the schemas of its parameters.
 * @throws DqueueError UNKNOWN_PARAMETER or INVALID_PARAMETER, naming the parameter.
 */
export const readQuery = (search: string, schemas: Record<string, JsonSchema> = {}): JsonObject => {
  const given = new URLSearchParams(search);
  const query: JsonObject = {};
  for (const name of new Set(given.keys())) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (!schema) throw unknownParameter(name, Object.keys(schemas));
    const texts = given.getAll(name);
    const value = schema.type === "array" ? texts : single(name, texts, schema);
    for (const text of texts) {
      const flaw = unstorableText(text);
      if (flaw) throw invalidParameter(name, flaw);
    }
    const validate = validatorOf(schema);
    if (!validate(value)) {
      const [{ message } = { message: "is not valid" }] = flawsOf(validate.errors!);
      throw invalidParameter(name, `${message}; got ${JSON.stringify(shown(texts))}${hint(texts, schema)}`);
    }
    query[name] = value;
  }
  return query;
};

const single = (name: string, texts: string[], schema: JsonSchema): Json => {
  if (texts.length > 1) throw invalidParameter(name, "may be given once");
  const [text] = texts as [string];
  if (schema.type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return schema.type === "integer" && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
};

const shown = (texts: string[]): string => {
  const text = texts.join(", ");
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};

const hint = (texts: string[], { format }: JsonSchema): string =>
  format === "date-time" && texts.some((text) => / \d\d:\d\d$/.test(text)) ? ' (a "+" in a URL is written %2B)' : "";

const unknownParameter = (name: string, known: string[]): DqueueError =>
  new DqueueError(
    "UNKNOWN_PARAMETER",
    `The query parameter "${shown([name])}" is not known here${suggestion(name, known)}; known are ${known.join(", ") || "none"}.`,
    { parameter: shown([name]) },
  );

export const invalidParameter = (name: string, problem: string): DqueueError =>
  new DqueueError("INVALID_PARAMETER", `The query parameter "${name}" ${problem}.`, { parameter: name });
