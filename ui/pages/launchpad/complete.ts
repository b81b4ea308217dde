import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Json } from "../../../client";
import type { Format } from "./config-text";
import { placeAt } from "./cursor-path";
import { isRequired, kindOf, propertiesOf, type Schema, schemaAt, skeletonOf } from "./schema";
import { secretsOffered } from "./secrets";

/** What fits where somebody types: keys of the schema with what they mean, or the values that are allowed. */
export const completeBy =
  (root: Schema, format: Format) =>
  async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { path, key, from } = placeAt(context.state.doc.toString(), context.pos, format);
    if (from === context.pos && !context.explicit) return null;
    const schema = schemaAt(root, key === null ? path : [...path, key]);
    const options =
      key === null
        ? keysOf(root, schema, format)
        : [...valuesOf(schema, format), ...(kindOf(schema) === "str" ? await secretsOffered(format) : [])];
    return options.length === 0 ? null : { from, options, validFor: /^"?[$\w-]*$/ };
  };

const keysOf = (root: Schema, schema: Schema, format: Format): Completion[] =>
  propertiesOf(root, schema).map(([name, property]) => ({
    label: format === "json" ? `"${name}"` : name,
    displayLabel: name,
    type: kindOf(property),
    detail: isRequired(schema, name)
      ? "required"
      : property.default === undefined
        ? ""
        : `default ${JSON.stringify(property.default)}`,
    ...(typeof property.description === "string" && { info: property.description }),
    boost: isRequired(schema, name) ? 1 : 0,
    apply: insertOf(name, kindOf(property) === "map" ? null : skeletonOf(root, property), kindOf(property), format),
  }));

const insertOf = (name: string, value: Json, kind: string, format: Format): string => {
  if (format === "json") return `"${name}": ${kind === "map" ? "{}" : JSON.stringify(value)}`;
  if (kind === "map") return `${name}:`;
  return `${name}: ${value === "" || value === null || typeof value === "object" ? "" : plain(value, "yaml")}`;
};

const valuesOf = (schema: Schema, format: Format): Completion[] => {
  const allowed = Array.isArray(schema.enum) ? schema.enum : kindOf(schema) === "bool" ? [true, false] : [];
  const all = allowed.length === 0 && schema.default !== undefined ? [schema.default] : allowed;
  return all
    .filter((value) => typeof value !== "object")
    .map((value) => ({
      label: plain(value, format),
      type: kindOf(schema),
      detail: value === schema.default ? "default" : "",
    }));
};

/** As it stands in the text. */
export const plain = (value: Json, format: Format): string =>
  format === "yaml" &&
  typeof value === "string" &&
  /^[A-Za-z_][\w./-]*$/.test(value) &&
  !/^(true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value);
