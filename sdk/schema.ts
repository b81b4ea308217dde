import type { z } from "zod";
import type { BRANDS } from "./brand";
import { branded, hasBrand } from "./brand";

/** Any zod schema. */
export type Schema = z.core.$ZodType;

/** A generator's output: many items of one schema, each under a mapping key. Made by `dynamic`. */
export interface DynamicOutput<S extends Schema> {
  readonly schema: S;
  readonly [DYNAMIC]: true;
}
/** An output that may be left out. Made by `optional`. */
export interface OptionalOutput<S extends Schema> {
  readonly schema: S;
  readonly [OPTIONAL]: true;
}
/** An input that is read as an async iterable of elements. Made by `stream`. */
export interface StreamInput<S extends Schema> {
  readonly schema: S;
  readonly [STREAM]: true;
}
declare const DYNAMIC: unique symbol;
declare const OPTIONAL: unique symbol;
declare const STREAM: unique symbol;

const marked = <T>(brand: "dynamic" | "optional" | "stream", schema: Schema): T => branded(brand, { schema }) as T;

/** Declares that an op is a generator: its `run` yields `{ key, value }`, and each value matches the schema. */
export const dynamic = <S extends Schema>(schema: S): DynamicOutput<S> => marked("dynamic", schema);

/** Declares a named output that may be left out; what reads a left out output is skipped (branching). */
export const optional = <S extends Schema>(schema: S): OptionalOutput<S> => marked("optional", schema);

/** Declares an input that takes a collect as an `AsyncIterable`; the list is never held whole in memory. */
export const stream = <S extends Schema>(schema: S): StreamInput<S> => marked("stream", schema);

/** One input: a schema, or a stream of elements. */
export type OneInput = Schema | StreamInput<Schema>;
/** What `in` may be: one input, or several by name. */
export type InputSpec = OneInput | { readonly [name: string]: OneInput } | undefined;
/** What `out` may be: one output (that may be left out), a generator's items, or several outputs by name. */
export type OutputSpec =
  Schema | DynamicOutput<Schema> | { readonly [name: string]: Schema | OptionalOutput<Schema> } | undefined;

/** An op's input, normalised. */
export interface InputField {
  /** "" = the whole input. */
  name: string;
  schema: Schema;
  stream: boolean;
}
/** An op's output, normalised. */
export interface OutputField {
  name: string;
  /** null: not checked (the op declares no `out`). */
  schema: Schema | null;
  optional: boolean;
}

export const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && "_zod" in value;

export const isMarked = (brand: keyof typeof BRANDS, value: unknown): value is { schema: Schema } =>
  hasBrand(brand, value) && isSchema((value as { schema?: unknown }).schema);
