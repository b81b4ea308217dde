import { type Json, type JsonObject, type JsonSchema, pointerTo } from "./json";

/** The key by which a config names a secret in place of holding it: `{ "$secret": "env:NAME" }`. */
const KEY = "$secret";
const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

/** What a reference must look like; completes "it must be …". */
export const REFERENCE_FORM = '{"$secret": "env:NAME"}, with nothing beside it and the name of an environment variable';

/** Why a well-formed reference may not stand somewhere; completes "it …". */
export const NO_REFERENCE_HERE = "takes no reference to a secret: one may stand where any text may";

/** A place in a config that names a secret. */
export interface SecretReference {
  /** JSON pointer into the config. */
  pointer: string;
  /** Name of the environment variable; null: it is malformed. */
  variable: string | null;
}

/** Whether a value stands for a secret, be it well-formed or not. */
export const isReference = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, KEY);

/** Name of the variable that a reference names; null: it is malformed. */
export const variableOf = (reference: JsonObject): string | null => {
  const { [KEY]: source } = reference;
  const named = typeof source === "string" && Object.keys(reference).length === 1 ? VARIABLE.exec(source) : null;
  return named?.[1] ?? null;
};

/** All references in a config, in the order of its keys. */
export const referencesIn = (config: Json): SecretReference[] => {
  const found: SecretReference[] = [];
  replaceReferences(config, (reference, pointer) => {
    found.push({ pointer, variable: variableOf(reference) });
    return null;
  });
  return found;
};

/** The config with what `replace` gives in place of each reference; itself where it has none. */
export const replaceReferences = <T extends Json>(
  config: T,
  replace: (reference: JsonObject, pointer: string) => Json,
  pointer = "",
): T => {
  if (typeof config !== "object" || config === null) return config;
  if (isReference(config)) return replace(config, pointer) as T;
  // An array is looked through by its indexes, as a record of them.
  const members = config as unknown as JsonObject;
  let copy: JsonObject | null = null;
  for (const key of Object.keys(members)) {
    const value = members[key]!;
    // Most of a config is no object: neither call nor pointer is made for it.
    if (typeof value !== "object" || value === null) continue;
    const replaced = replaceReferences(value, replace, pointerTo(pointer, key));
    if (replaced === value) continue;
    copy ??= (Array.isArray(config) ? [...(config as Json[])] : { ...members }) as JsonObject;
    copy[key] = replaced;
  }
  return (copy as T | null) ?? config;
};

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = ["items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems"] as const;
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"] as const;
const NAMED = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"] as const;

const IS_REFERENCE: JsonSchema = { type: "object", required: [KEY] };

/**
 * The schema with references where it wants text: a secret is text of whatever content. Where it wants one of certain
 * texts, a number, a list or an object, a reference is refused.
 */
export const acceptingReferences = (schema: JsonSchema): JsonSchema => {
  const inside = withInnerSchemas(schema);
  const { type } = schema;
  const isText = [type].flat().includes("string") && schema.enum === undefined && schema.const === undefined;
  if (isText) return { if: IS_REFERENCE, else: inside };
  return [type].flat().includes("object") ? { if: IS_REFERENCE, then: false, else: inside } : inside;
};

const withInnerSchemas = (schema: JsonSchema): JsonSchema => {
  const inside = { ...schema };
  for (const key of ONE) if (isSchema(schema[key])) inside[key] = acceptingReferences(schema[key]);
  for (const key of LISTS) {
    const list = schema[key];
    if (Array.isArray(list)) inside[key] = list.map((one) => (isSchema(one) ? acceptingReferences(one) : one));
  }
  for (const key of NAMED) {
    const named = schema[key];
    if (!isSchema(named)) continue;
    inside[key] = Object.fromEntries(
      Object.entries(named).map(([name, one]) => [name, isSchema(one) ? acceptingReferences(one) : one]),
    );
  }
  return inside;
};

const isSchema = (value: Json | undefined): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
