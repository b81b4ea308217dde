/** What JSON can carry without loss: the only values that cross a process, the bus or the database. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A JSON Schema document, draft 2020-12, as `z.toJSONSchema` writes it. */
export type JsonSchema = JsonObject;

/** The JSON pointer of a member of what `pointer` leads to. */
export const pointerTo = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
