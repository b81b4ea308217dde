import { types } from "node:util";
import type { Json } from "../core/json";

/** A value as JSON carries it, or where and why JSON cannot. */
export type Storable = { ok: true; json: Json } | { ok: false; pointer: string; type: string; message: string };

/** Deeper values are refused: parsers of the database and of other languages give up on them. */
const MAX_DEPTH = 500;

/**
 * Checks that a value survives JSON unaltered: never a silently different value.
 *
 * Converted on purpose: `Date` and whatever else has a `toJSON` (such as URL) to what that gives; properties that are
 * undefined are dropped; -0 is 0; `undefined` itself is null. Refused: NaN, Infinity, bigint, symbol, function, Map,
 * Set, Buffer and other bytes, promises, instances of classes without `toJSON`, undefined in an array, circular
 * values, more than 500 levels, and text that the database cannot hold (NUL, lone surrogates).
 */
export const checkStorable = (value: unknown): Storable => {
  if (value === undefined) return { ok: true, json: null };
  const path: (string | number)[] = [];
  try {
    const found = inspect(value, path);
    if (found === SAME) return { ok: true, json: value as Json };
    if (found === CHANGED) return { ok: true, json: JSON.parse(JSON.stringify(value)) as Json };
    return refusal(found, path, value);
  } catch (error) {
    return refusal(`a value that throws while it is read (${messageOf(error)})`, path, value);
  }
};

const SAME = 0;
const CHANGED = 1;
/** SAME: as it is. CHANGED: JSON.stringify converts it as documented. A text: what it is that JSON cannot carry. */
type Finding = typeof SAME | typeof CHANGED | string;

const inspect = (value: unknown, path: (string | number)[]): Finding => {
  switch (typeof value) {
    case "string":
      return inspectText(value);
    case "number":
      return Number.isFinite(value) ? (Object.is(value, -0) ? CHANGED : SAME) : String(value);
    case "boolean":
      return SAME;
    case "object":
      if (value === null) return SAME;
      if (path.length >= MAX_DEPTH) return "deep";
      return Array.isArray(value) ? inspectArray(value, path) : inspectObject(value, path);
    case "bigint":
    case "symbol":
    case "function":
    case "undefined":
      return typeof value;
  }
};

const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

const inspectText = (text: string): Finding => {
  if (!UNSTORABLE.test(text)) return SAME;
  return text.includes("\0") ? "a string with a NUL character" : "a string with half of a surrogate pair";
};

const inspectArray = (array: readonly unknown[], path: (string | number)[]): Finding => {
  let all: Finding = SAME;
  for (let i = 0; i < array.length; i++) {
    path.push(i);
    const found = inspect(array[i], path);
    if (typeof found === "string") return found;
    path.pop();
    all = found === CHANGED ? CHANGED : all;
  }
  return all;
};

const inspectObject = (object: object, path: (string | number)[]): Finding => {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null && !isPlain(prototype as object))
    return inspectInstance(object, path);
  if (typeof (object as { toJSON?: unknown }).toJSON === "function") return inspectInstance(object, path);
  if (Object.getOwnPropertySymbols(object).length > 0) return "an object with symbol keys";
  let all: Finding = SAME;
  for (const key of Object.keys(object)) {
    path.push(key);
    const keyFound = inspectText(key);
    if (keyFound !== SAME) return keyFound;
    const value = (object as Record<string, unknown>)[key];
    const found = value === undefined ? CHANGED : inspect(value, path);
    if (typeof found === "string") return found;
    path.pop();
    all = found === CHANGED ? CHANGED : all;
  }
  return all;
};

// Of another realm: its Object.prototype is not ours.
const isPlain = (prototype: object): boolean =>
  Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");

const inspectInstance = (object: object, path: (string | number)[]): Finding => {
  const name = className(object);
  if (types.isDate(object)) return Number.isNaN(object.getTime()) ? "an invalid Date" : CHANGED;
  // A Buffer has a toJSON, but nobody means what it gives: eight times the size, and no Buffer on the other side.
  if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object)) return name;
  const { toJSON } = object as { toJSON?: unknown };
  if (typeof toJSON !== "function") return name;
  const found = inspect((toJSON as (key: string) => unknown).call(object, String(path.at(-1) ?? "")), path);
  return typeof found === "string" ? found : CHANGED;
};

const className = (object: object): string => {
  const name = (object.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? name : Object.prototype.toString.call(object).slice(8, -1);
};

const refusal = (found: string, path: readonly (string | number)[], value: unknown): Storable => {
  const circular = found === "deep" && isCircular(value, path);
  const type = found !== "deep" ? found : circular ? "circular" : `more than ${MAX_DEPTH} levels`;
  const shownPath = circular ? circular : path;
  const dotted = `$${shownPath.map((part) => (typeof part === "number" ? `[${part}]` : /^\w+$/.test(part) ? `.${part}` : `[${JSON.stringify(part.slice(0, 80))}]`)).join("")}`;
  const place = dotted.length > 300 ? `${dotted.slice(0, 300)}…` : dotted;
  return {
    ok: false,
    pointer: shownPath.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    type,
    message: `${place} is ${circular ? "a circular reference" : found === "deep" ? `nested ${type} deep` : describe(type)}, which JSON cannot carry`,
  };
};

const describe = (type: string): string => (/^(an? |NaN|-?Infinity|undefined)/.test(type) ? type : `of type ${type}`);

/** The path at which a value contains itself, or false. */
const isCircular = (value: unknown, path: readonly (string | number)[]): (string | number)[] | false => {
  const seen = new Set<unknown>([value]);
  let at = value;
  for (const [i, part] of path.entries()) {
    at = (at as Record<string | number, unknown>)[part];
    if (seen.has(at)) return path.slice(0, i + 1);
    seen.add(at);
  }
  return false;
};

const messageOf = (error: unknown): string => {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "no message";
  }
};

/** Text as the database can hold it: NUL becomes "␀", half of a surrogate pair "�". */
export const storableText = (text: string): string =>
  UNSTORABLE.test(text)
    ? text.replace(new RegExp(UNSTORABLE, "g"), (bad) => (bad === "\0" ? "\u2400" : "\uFFFD"))
    : text;

/** Cuts text to `limit` bytes of UTF-8 and says how much was left out. */
export const cutText = (text: string, limit: number): string => {
  if (text.length * 3 <= limit) return text;
  const size = Buffer.byteLength(text);
  if (size <= limit) return text;
  // A cut inside of a character leaves a replacement mark at the end, which is taken away.
  const kept = Buffer.from(text.slice(0, limit))
    .subarray(0, limit - 64)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
  return `${kept}\n… cut: ${size - Buffer.byteLength(kept)} of ${size} bytes left out`;
};
