import type { JsonSchema } from "../../../core/json";

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export const text = (description?: string): JsonSchema => ({ type: "string", ...(description && { description }) });
export const integer = (description?: string): JsonSchema => ({ type: "integer", ...(description && { description }) });
export const number = (description?: string): JsonSchema => ({ type: "number", ...(description && { description }) });
export const boolean = (description?: string): JsonSchema => ({ type: "boolean", ...(description && { description }) });
export const time = (description?: string): JsonSchema => ({
  type: "string",
  format: "date-time",
  ...(description && { description }),
});
export const uuid = (description?: string): JsonSchema => ({
  type: "string",
  format: "uuid",
  ...(description && { description }),
});
export const oneOf = (values: readonly string[], description?: string): JsonSchema => ({
  type: "string",
  enum: [...values],
  ...(description && { description }),
});
export const list = (items: JsonSchema, description?: string): JsonSchema => ({
  type: "array",
  items,
  ...(description && { description }),
});
export const anyObject = (description?: string): JsonSchema => ({
  type: "object",
  ...(description && { description }),
});
export const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });

/** An answer's object: every property is there. */
export const object = (properties: Record<string, JsonSchema>, optional: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

export const page = (item: JsonSchema): JsonSchema =>
  object({ items: list(item), next_cursor: nullable(text("Give it as `cursor` for the next page; null: the last.")) });

/** The paging parameters of every list. */
export const PAGING: Record<string, JsonSchema> = {
  limit: { type: "integer", minimum: 1, maximum: 1000, default: 100, description: "Items per page." },
  cursor: {
    type: "string",
    minLength: 1,
    maxLength: 4000,
    description: "`next_cursor` of the page before, with the same filter.",
  },
};

export const pagingOf = (query: Readonly<Record<string, unknown>>): { limit: number; cursor: string | null } => ({
  limit: (query.limit as number | undefined) ?? 100,
  cursor: (query.cursor as string | undefined) ?? null,
});
