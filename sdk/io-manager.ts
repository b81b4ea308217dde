import { createHash } from "node:crypto";
import { DqueueError } from "../core/errors";
import type { Json } from "../core/json";
import { checkStorable } from "./storable";

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

type Form = "bytes" | "json";

/** The bytes of a value: bytes as they are, all else as JSON. @throws DqueueError UNSTORABLE_VALUE. */
export const bytesOf = (value: unknown): { form: Form; bytes: Uint8Array } => {
  if (value instanceof Uint8Array) return { form: "bytes", bytes: value };
  const storable = checkStorable(value);
  if (!storable.ok) throw new DqueueError("UNSTORABLE_VALUE", `${storable.message}.`, { pointer: storable.pointer });
  return { form: "json", bytes: Buffer.from(JSON.stringify(storable.json), "utf8") };
};

export const valueOf = (form: Json, bytes: Buffer): unknown =>
  form === "bytes" ? bytes : (JSON.parse(bytes.toString("utf8")) as unknown);

/** Where a value stands in a store: `<run>/<step>/<fence>/<output>[.<item>].<form>`. */
export const storageKey = (context: IoContext, form: Form): string => {
  // A file's name holds 255 bytes; keys of items may be 200 letters of up to 4 bytes each, and nested.
  const short = (text: string): string => {
    const safe = text.replace(/[^A-Za-z0-9_.-]/g, "_");
    return safe === text && text.length <= 150 && !/^\.+$/.test(text)
      ? text
      : `${safe.slice(0, 100)}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  };
  const { runId, stepKey, fence, output, mappingKey } = context;
  const file = mappingKey === null ? output : `${output}.${mappingKey}`;
  return `${short(runId)}/${short(stepKey)}/${fence}/${short(file)}.${form === "json" ? "json" : "bin"}`;
};
