import { z } from "zod";
import type { JsonSchema } from "../core/json";
import { invalidDefinition } from "./definition-error";
import type { Schema } from "./schema";

/** zod types whose values JSON cannot carry, with what to use in their place. */
const NOT_JSON: Readonly<Record<string, string>> = {
  date: "z.iso.datetime() and a string",
  bigint: "z.string() with the digits, or z.number().int()",
  map: "z.record(…)",
  set: "z.array(…)",
  symbol: "z.string()",
  nan: "z.null()",
  function: "a config value that says what to do",
  undefined: "z.null(), or leave the output out with optional(schema)",
  void: "no `out` at all",
  promise: "the schema of the awaited value",
  file: "an IO manager",
};

/** A schema that is used as JSON Schema but cannot be one. */
interface Flawed {
  pointer: string;
  type: string;
}

/** The JSON Schema of what may be given to `schema`. @throws DqueueError INVALID_DEFINITION. */
export const jsonSchemaOf = (schema: Schema, place: { op: string }, field: string): JsonSchema => {
  const flaw: { found: Flawed | null } = { found: null };
  let written: JsonSchema;
  try {
    written = z.toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema, path }) => {
        const type = zodSchema._zod.def.type;
        // What zod could not represent becomes an empty schema; any and unknown are empty on purpose.
        if (type in NOT_JSON || ((type === "custom" || type === "transform") && Object.keys(jsonSchema).length === 0))
          flaw.found ??= { pointer: schemaPath(path), type };
      },
    }) as JsonSchema;
  } catch (error) {
    throw invalidDefinition({
      ...place,
      field,
      problem: `cannot be written as JSON Schema: ${(error as Error).message}`,
      fix: "use only schemas of values that JSON can carry",
    });
  }
  if (flaw.found) refuse(flaw.found, place, field);
  return written;
};

/** @throws DqueueError INVALID_DEFINITION where values of the schema can never be stored as JSON. */
export const assertCarriedByJson = (schema: Schema, place: { op: string }, field: string): void => {
  const flaw: { found: Flawed | null } = { found: null };
  z.toJSONSchema(schema, {
    io: "output",
    unrepresentable: "any",
    override: ({ zodSchema, path }) => {
      // undefined is what an optional field may be: such a field is left out of the JSON.
      const type = zodSchema._zod.def.type;
      if (type in NOT_JSON && type !== "undefined" && type !== "void")
        flaw.found ??= { pointer: schemaPath(path), type };
    },
  });
  if (flaw.found) refuse(flaw.found, place, field);
};

const refuse = ({ pointer, type }: Flawed, place: { op: string }, field: string): never => {
  throw invalidDefinition({
    ...place,
    field: pointer === "" ? field : `${field}.${pointer}`,
    problem: `is z.${type}(), whose values JSON cannot carry`,
    fix: `use ${NOT_JSON[type] ?? "a schema that says what the value looks like, such as z.object or z.string"}`,
  });
};

/** `["properties", "since", "items"]` → `since.items`. */
const schemaPath = (path: readonly (string | number)[]): string =>
  path.filter((part, i) => !(part === "properties" && i % 2 === 0)).join(".");
