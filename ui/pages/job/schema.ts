import type { Json, JsonObject } from "../../../client";

/** A line of the table of a job's config. */
export interface Field {
  /** Below its group, dots between. */
  name: string;
  type: string;
  /** As JSON; null: it has none. */
  default: string | null;
  required: boolean;
  meaning: string;
  /** Values that it may have, in short; "": any. */
  allowed: string;
}

export interface FieldGroup {
  /** "": fields at the top. */
  title: string;
  fields: Field[];
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Deeper than anybody reads; schemas may hold themselves. */
const DEEPEST = 6;

/** What a config may hold, of which the objects at the top are groups. */
export const fieldGroups = (schema: JsonObject, defaults: JsonObject | null): FieldGroup[] => {
  const top: Field[] = [];
  const groups: FieldGroup[] = [];
  for (const [name, property, required] of propertiesOf(schema, schema)) {
    const given = defaults?.[name];
    if (isObject(property.properties) && Object.keys(property.properties).length > 0)
      groups.push({ title: name, fields: fieldsOf(schema, property, isObject(given) ? given : null, "", 1) });
    else top.push(fieldOf(name, property, required, given));
  }
  return [...(top.length > 0 ? [{ title: "", fields: top }] : []), ...groups];
};

const fieldsOf = (
  root: JsonObject,
  schema: JsonObject,
  defaults: JsonObject | null,
  path: string,
  depth: number,
): Field[] =>
  propertiesOf(root, schema).flatMap(([name, property, required]) => {
    const given = defaults?.[name];
    const nested = isObject(property.properties) && depth < DEEPEST;
    if (nested) return fieldsOf(root, property, isObject(given) ? given : null, `${path}${name}.`, depth + 1);
    return [fieldOf(path + name, property, required, given)];
  });

const propertiesOf = (root: JsonObject, { properties, required }: JsonObject): [string, JsonObject, boolean][] =>
  Object.entries(isObject(properties) ? properties : {}).map(([name, property]) => [
    name,
    settled(root, property, 0),
    Array.isArray(required) && required.includes(name),
  ]);

/** What a schema says once references are followed and what must hold together is put together. */
const settled = (root: JsonObject, schema: Json | undefined, depth: number): JsonObject => {
  if (!isObject(schema) || depth > DEEPEST) return {};
  const { $ref, allOf, ...own } = schema;
  if (typeof $ref === "string") return { ...settled(root, pointed(root, $ref), depth + 1), ...own };
  if (!Array.isArray(allOf)) return schema;
  return Object.assign({}, ...allOf.map((one) => settled(root, one, depth + 1)), own) as JsonObject;
};

const pointed = (root: JsonObject, ref: string): Json | undefined =>
  ref
    .split("/")
    .slice(1)
    .reduce<Json | undefined>((at, key) => (isObject(at) ? at[decodeURIComponent(key)] : undefined), root);

const fieldOf = (name: string, schema: JsonObject, required: boolean, given: Json | undefined): Field => {
  const value = given ?? schema.default;
  return {
    name,
    type: typeOf(schema),
    default: value === undefined ? null : JSON.stringify(value),
    required: required && value === undefined,
    meaning: typeof schema.description === "string" ? schema.description : "",
    allowed: allowedOf(schema),
  };
};

const typeOf = (schema: JsonObject): string => {
  const { type, enum: values, const: only, anyOf, oneOf, items } = schema;
  if (Array.isArray(values)) return "enum";
  if (only !== undefined) return "const";
  const options = [anyOf, oneOf].find(Array.isArray);
  if (options) return [...new Set(options.filter(isObject).map(typeOf))].join(" or ");
  if (type === "array") return isObject(items) ? `${typeOf(items)} list` : "list";
  if (Array.isArray(type)) return type.join(" or ");
  return typeof type === "string" ? type : "any";
};

/** More values than these are told by their number. */
const LISTED = 6;

const allowedOf = (schema: JsonObject): string => {
  const { enum: values, const: only, pattern, format, minItems, maxItems, minLength, maxLength } = schema;
  if (Array.isArray(values))
    return (
      values.slice(0, LISTED).map(String).join(", ") +
      (values.length > LISTED ? ` and ${values.length - LISTED} more` : "")
    );
  if (only !== undefined) return String(only);
  return [
    between(lower(schema), upper(schema), ""),
    between(minItems, maxItems, " items"),
    between(minLength, maxLength, " characters"),
    typeof format === "string" ? format : "",
    typeof pattern === "string" && typeof format !== "string" ? `matches ${pattern}` : "",
  ]
    .filter(Boolean)
    .join(", ");
};

const grouped = new Intl.NumberFormat("en-US");
/** What JavaScript can count exactly is no limit that somebody chose. */
const isLimit = (n: Json | undefined): n is number => typeof n === "number" && Math.abs(n) < Number.MAX_SAFE_INTEGER;

const lower = ({ minimum, exclusiveMinimum }: JsonObject): Json | undefined =>
  isLimit(exclusiveMinimum) ? `over ${grouped.format(exclusiveMinimum)}` : minimum;
const upper = ({ maximum, exclusiveMaximum }: JsonObject): Json | undefined =>
  isLimit(exclusiveMaximum) ? `under ${grouped.format(exclusiveMaximum)}` : maximum;

const between = (from: Json | undefined, to: Json | undefined, unit: string): string => {
  const [low, high] = [from, to].map((end) =>
    isLimit(end) ? grouped.format(end) : typeof end === "string" ? end : null,
  );
  if (low && high) return `${low} to ${high}${unit}`;
  if (low) return low.startsWith("over") ? low : `${low} or more${unit}`;
  return high ? (high.startsWith("under") ? high : `up to ${high}${unit}`) : "";
};
