/** What JSON can carry without loss: the only values that cross a process, the bus or the database. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A JSON Schema document, draft 2020-12, as `z.toJSONSchema` writes it. */
export type JsonSchema = JsonObject;
