import type { Json } from "../core/json";

/** Which value an IO manager stores or loads. */
export interface IoContext {
  readonly runId: string;
  readonly stepKey: string;
  /** Name of the output; "result" where the op has only one. */
  readonly output: string;
  /** Of a generator's item. */
  readonly mappingKey: string | null;
  /** Differs for each execution of the step: two executions must never write to the same place. */
  readonly fence: number;
}

/** Keeps values outside of dqueue's database, for those beyond its limit of 4 MiB. dqueue keeps only the handle. */
export interface IoManager {
  readonly name: string;
  /** Stores a value and returns a small JSON handle that leads back to it, from any machine. */
  store(context: IoContext, value: unknown): Promise<Json>;
  load(context: { readonly runId: string }, handle: Json): Promise<unknown>;
}

/** How a handle travels in place of its value. */
export interface IoReference {
  "dqueue/io": string;
  handle: Json;
}

export const isIoReference = (value: unknown): value is IoReference =>
  typeof value === "object" && value !== null && typeof (value as Partial<IoReference>)["dqueue/io"] === "string";

/** The bytes of a value and their form: bytes as they are, all else as JSON. */
export const encodeValue = (
  value: unknown,
  toJson: (value: unknown) => string,
): { form: "bytes" | "json"; bytes: Uint8Array } =>
  value instanceof Uint8Array
    ? { form: "bytes", bytes: value }
    : { form: "json", bytes: Buffer.from(toJson(value), "utf8") };

export const decodeValue = (form: Json | undefined, bytes: Buffer): unknown =>
  form === "bytes" ? bytes : JSON.parse(bytes.toString("utf8"));
