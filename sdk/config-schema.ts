import type { GraphNode } from "../core/graph";
import type { Json, JsonObject, JsonSchema } from "../core/json";
import { suggestion } from "../core/nearest";
import { invalidDefinition } from "./definition-error";
import { issuesOf } from "./config-issues";
import { jsonSchemaOf } from "./json-schema";
import type { OpDefinition } from "./op";
import { checkStorable } from "./storable";

/** Keys of the op's config. */
export const configKeys = (op: OpDefinition): string[] => (op.config ? Object.keys(op.config.shape) : []);

/** A copy of the part of a run's config that is an op's, to do with as it likes. Keys of other ops are not shown to it. */
export const ownConfig = (op: OpDefinition, config: Readonly<JsonObject>): JsonObject => {
  const own: JsonObject = {};
  for (const key of configKeys(op)) {
    if (!Object.hasOwn(config, key)) continue;
    const value = config[key]!;
    own[key] = typeof value === "object" ? structuredClone(value) : value;
  }
  return own;
};

/** @throws DqueueError INVALID_DEFINITION unless each key is one of the op's and its value matches. */
export const checkFixedConfig = (op: OpDefinition, config: unknown, place: { job: string; op: string }): JsonObject => {
  const storable = checkStorable(config);
  if (!storable.ok)
    throw invalidDefinition({
      ...place,
      field: "config",
      problem: storable.message,
      fix: "use only values that JSON can carry",
    });
  for (const [key, value] of Object.entries(storable.json as JsonObject)) checkValue(op, key, value, place, "config");
  return storable.json as JsonObject;
};

const checkValue = (
  op: OpDefinition,
  key: string,
  value: Json,
  place: { job: string; op: string },
  field: string,
): void => {
  const schema = op.config && Object.hasOwn(op.config.shape, key) ? op.config.shape[key] : undefined;
  if (!schema)
    throw invalidDefinition({
      ...place,
      field: `${field}.${key}`,
      problem: `the op has no such config${suggestion(key, configKeys(op))}`,
      fix: "declare it in the op's config schema",
    });
  const [issue] = issuesOf(schema, value);
  if (!issue) return;
  throw invalidDefinition({
    ...place,
    field: [`${field}.${key}`, ...issue.path].join("."),
    problem: issue.message,
    fix: "give a value that the op's config schema accepts",
  });
};

/** One op's config as far as the run gives it. */
interface Part {
  op: OpDefinition;
  /** Keys that every call of the op fixes. */
  fixed: Set<string>;
}

/**
 * The schema of a job's run config: flat, the config objects of its ops merged. A key of two ops must satisfy both;
 * unknown keys are refused; a key is required if some call of some op needs it.
 */
export const mergedConfigSchema = (nodes: readonly GraphNode[], ops: ReadonlyMap<string, OpDefinition>): JsonSchema => {
  const properties: Record<string, JsonSchema[]> = Object.create(null) as Record<string, JsonSchema[]>;
  const required = new Set<string>();
  const defs: JsonObject = {};
  for (const { op, fixed } of openParts(nodes, ops)) {
    const schema = namespaced(jsonSchemaOf(op.config!, { op: op.name }, "config"), op.name, defs);
    const needed = new Set((schema.required as string[] | undefined) ?? []);
    for (const [key, property] of Object.entries(schema.properties as Record<string, JsonSchema>)) {
      if (fixed.has(key)) continue;
      (properties[key] ??= []).push(property);
      if (needed.has(key)) required.add(key);
    }
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: Object.fromEntries(Object.entries(properties).map(([key, found]) => [key, merged(found)])),
    ...(required.size > 0 ? { required: [...required] } : {}),
    additionalProperties: false,
    ...(Object.keys(defs).length > 0 ? { $defs: defs } : {}),
  };
};

const openParts = (nodes: readonly GraphNode[], ops: ReadonlyMap<string, OpDefinition>): Part[] => {
  const parts = new Map<string, Part>();
  for (const node of nodes) {
    const op = ops.get(node.op)!;
    if (!op.config) continue;
    const keys = Object.keys(node.config ?? {});
    const part = parts.get(op.name);
    if (!part) parts.set(op.name, { op, fixed: new Set(keys) });
    else for (const key of part.fixed) if (!keys.includes(key)) part.fixed.delete(key);
  }
  return [...parts.values()];
};

const merged = (found: JsonSchema[]): JsonSchema => {
  const distinct = [...new Map(found.map((schema) => [JSON.stringify(schema), schema])).values()];
  return distinct.length === 1 ? distinct[0]! : { allOf: distinct };
};

/** Moves an op's definitions under names of its own, since two ops may both have a `__schema0`. */
const namespaced = (schema: JsonSchema, op: string, defs: JsonObject): JsonSchema => {
  const text = JSON.stringify(schema);
  if (!text.includes('"$ref":"#')) return schema;
  const {
    $defs,
    $schema: _,
    ...root
  } = JSON.parse(text, (key, value: Json) => {
    if (key !== "$ref" || typeof value !== "string" || !value.startsWith("#")) return value;
    return value === "#" ? `#/$defs/${op}` : value.replace("#/$defs/", `#/$defs/${op}.`);
  }) as JsonObject;
  for (const [name, definition] of Object.entries(($defs as JsonObject | undefined) ?? {}))
    defs[`${op}.${name}`] = definition;
  if (text.includes('"$ref":"#"')) defs[op] = root;
  return root;
};

/** @throws DqueueError INVALID_DEFINITION unless a launch could give each of these values. */
export const checkDefaultConfig = (
  job: string,
  config: unknown,
  schema: JsonSchema,
  ops: ReadonlyMap<string, OpDefinition>,
): JsonObject => {
  const storable = checkStorable(config);
  if (!storable.ok || typeof storable.json !== "object" || storable.json === null || Array.isArray(storable.json))
    throw invalidDefinition({
      job,
      field: "defaultConfig",
      problem: storable.ok ? "is not an object" : storable.message,
      fix: "give an object of values that JSON can carry",
    });
  const known = schema.properties as JsonObject;
  for (const [key, value] of Object.entries(storable.json)) {
    if (!Object.hasOwn(known, key))
      throw invalidDefinition({
        job,
        field: `defaultConfig.${key}`,
        problem: `no op of the job takes this key${suggestion(key, Object.keys(known))}`,
        fix: "remove it, or declare it in an op's config",
      });
    for (const op of ops.values())
      if (op.config && Object.hasOwn(op.config.shape, key))
        checkValue(op, key, value, { job, op: op.name }, "defaultConfig");
  }
  return storable.json;
};
