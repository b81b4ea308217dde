import type { Json, JsonObject } from "../../../client";
import type { Path } from "./config-text";

export type Schema = JsonObject;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a schema says in the end: references followed, of alternatives the first that is not null. */
export const settled = (root: Schema, schema: Json | undefined, depth = 0): Schema => {
  if (!isObject(schema) || depth > 20) return {};
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  if (typeof $ref === "string") {
    const found = $ref
      .split("/")
      .slice(1)
      .reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), root);
    return { ...settled(root, found, depth + 1), ...own };
  }
  const options = [anyOf, oneOf, allOf].find(Array.isArray);
  const first = options?.find((option) => isObject(option) && option.type !== "null");
  return first === undefined ? schema : { ...settled(root, first, depth + 1), ...own };
};

export const propertiesOf = (root: Schema, schema: Schema): [name: string, schema: Schema][] =>
  isObject(schema.properties)
    ? Object.entries(schema.properties).map(([name, property]) => [name, settled(root, property)])
    : [];

/** The schema of a place in the config; `{}`: anything. */
export const schemaAt = (root: Schema, path: Path): Schema => {
  let schema = settled(root, root);
  for (const key of path) {
    const property = isObject(schema.properties) ? schema.properties[key] : undefined;
    schema = settled(root, property ?? (schema.type === "array" ? schema.items : schema.additionalProperties));
  }
  return schema;
};

export const isRequired = (schema: Schema, name: string): boolean =>
  Array.isArray(schema.required) && schema.required.includes(name);

/** `str`, `int`, `num`, `bool`, `list`, `map`, `enum` */
export const kindOf = ({ type, enum: values }: Schema): string => {
  if (Array.isArray(values)) return "enum";
  const named = Array.isArray(type) ? type.find((one) => one !== "null") : type;
  const kinds: Record<string, string> = {
    string: "str",
    integer: "int",
    number: "num",
    boolean: "bool",
    array: "list",
    object: "map",
  };
  return kinds[String(named)] ?? "any";
};

/** A value to begin with: its default, else what is required of it, else something of its type. */
export const skeletonOf = (root: Schema, schema: Schema): Json => {
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  const kind = kindOf(schema);
  if (kind === "map")
    return Object.fromEntries(
      propertiesOf(root, schema)
        .filter(([name]) => isRequired(schema, name))
        .map(([name, property]) => [name, skeletonOf(root, property)]),
    );
  return { str: "", int: 0, num: 0, bool: false, list: [] }[kind] ?? null;
};

/** Everything that has a default and is not there. */
export const defaultsMissing = (root: Schema, value: Json | undefined, path: string[] = []): [Path, Json][] => {
  const schema = schemaAt(root, path);
  return propertiesOf(root, schema).flatMap(([name, property]): [Path, Json][] => {
    const own = isObject(value) ? value[name] : undefined;
    if (own === undefined && property.default !== undefined) return [[[...path, name], property.default]];
    return kindOf(property) === "map" && own !== undefined ? defaultsMissing(root, own, [...path, name]) : [];
  });
};

/** How many letters lie between two words. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
};

/** The one that was surely meant; null: none, or several. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  const most = Math.max(2, Math.floor(word.length / 3));
  const near = known.map((name) => [distance(word, name), name] as const).filter(([far]) => far <= most);
  near.sort(([a], [b]) => a - b);
  return near.length === 0 || (near.length > 1 && near[0]![0] === near[1]![0]) ? null : near[0]![1];
};
