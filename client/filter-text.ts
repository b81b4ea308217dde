import { RUN_STATUSES, type RunFilter } from "./run-lists";
import type { RunStatus } from "./types";

/** What a part of a filter is about. */
export const FIELDS = ["status", "job", "tag", "by", "created", "duration", "error", "id"] as const;
export type Field = (typeof FIELDS)[number];

/** `-status:FAILURE,CANCELED`: any of the values; with `not`, none of them. */
export interface Token {
  field: Field;
  not: boolean;
  values: string[];
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ID = /^[0-9a-f]{8}(-[0-9a-f-]{0,27})?$/i;

/** Milliseconds of `90s`, `15m`, `1h`, `7d`; null: it is no such time. */
export const readSpan = (text: string): number | null => {
  const [, n, unit] = /^(\d{1,6}(?:\.\d+)?)(s|m|h|d)$/.exec(text) ?? [];
  return n === undefined ? null : Number(n) * UNITS[unit!]!;
};

/** The words of a filter: parted by spaces, but not within quotes. */
export const wordsOf = (text: string): string[] => text.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];
const valuesOf = (text: string): string[] =>
  (text.match(/(?:[^,"]+|"[^"]*"?)+/g) ?? []).map((value) => value.replaceAll('"', "")).filter((value) => value !== "");

/** The parts of a filter as it stands in the address. */
export const readTokens = (q: string): Token[] => wordsOf(q).flatMap((word) => readToken(word) ?? []);

/** A part as people type it: `status:failure`, `-job:fx_*`, `duration>30s`, an id, a status, a job's name. */
export const readToken = (word: string): Token | null => {
  const not = word.startsWith("-");
  const bare = not ? word.slice(1) : word;
  const [, name, given] = /^([a-z]+)(?::|(?=[<>]))(.*)$/.exec(bare) ?? [];
  const field = FIELDS.find((known) => known === name);
  if (!field) return bare === "" || MEANT_FOR_A_FIELD.test(bare) ? null : { not, ...guessed(valuesOf(bare).join(",")) };
  const values = valuesOf(given!).map((value) => (field === "status" ? value.toUpperCase().replace("-", "_") : value));
  return values.length > 0 && values.every((value) => isValid(field, value)) ? { field, not, values } : null;
};

/** What no job's name has: such a word is about something, and misspelt. */
const MEANT_FOR_A_FIELD = /[:<>=]/;

/** A word that names no field. */
const guessed = (word: string): { field: Field; values: string[] } => {
  if (ID.test(word)) return { field: "id", values: [word.toLowerCase()] };
  const status = RUN_STATUSES.find((known) => known === word.toUpperCase());
  if (status) return { field: "status", values: [status] };
  return { field: "job", values: [word.includes("*") ? word : `*${word}*`] };
};

const isValid = (field: Field, value: string): boolean => {
  if (field === "status") return (RUN_STATUSES as readonly string[]).includes(value);
  if (field === "tag") return /^[^=]+=/.test(value);
  if (field === "duration") return /^[<>]/.test(value) && readSpan(value.slice(1)) !== null;
  if (field === "id") return ID.test(value);
  if (field === "created") return readSpan(value) !== null || rangeOf(value) !== null;
  return true;
};

/** `2025-11-25T13:00:00Z..2025-11-25T14:00:00Z` */
const rangeOf = (value: string): [from: string, to: string] | null => {
  const ends = value.split("..");
  return ends.length === 2 && ends.every((end) => !Number.isNaN(Date.parse(end))) ? [ends[0]!, ends[1]!] : null;
};

const quoted = (value: string): string => (/[\s,"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value);

/** As it stands in the address. */
export const writeTokens = (tokens: readonly Token[]): string =>
  tokens
    .map(({ field, not, values }) => {
      const shown = values.map((value) => quoted(field === "status" ? value.toLowerCase() : value)).join(",");
      return `${not ? "-" : ""}${field}${field === "duration" ? "" : ":"}${shown}`;
    })
    .join(" ");

/** What the server is asked for. @param now milliseconds of Unix time, of which `created:1h` counts back. */
export const filterOf = (tokens: readonly Token[], now = Date.now()): RunFilter => {
  const filter: Record<string, unknown> = {};
  const add = (name: string, values: string[]): void => {
    filter[name] = [...((filter[name] as string[] | undefined) ?? []), ...values];
  };
  for (const { field, not, values } of tokens) {
    if (field === "created") Object.assign(filter, createdOf(values[0]!, now));
    else if (field === "duration") Object.assign(filter, durationOf(values[0]!));
    else {
      const plain = field === "tag" ? values.map((value) => value.replace("=", ":")) : values;
      add(field, not ? plain.map((value) => `-${value}`) : plain);
    }
  }
  return filter as RunFilter;
};

const createdOf = (value: string, now: number): RunFilter => {
  const range = rangeOf(value);
  if (range) return { created_after: range[0], created_before: range[1] };
  return { created_after: new Date(now - readSpan(value)!).toISOString() };
};

const durationOf = (value: string): RunFilter => {
  const ms = readSpan(value.slice(1))!;
  return value.startsWith(">") ? { longer_than_ms: ms } : { shorter_than_ms: ms };
};

/** What may stand behind each field. */
const ALLOWED: Readonly<Record<Field, string>> = {
  status: `status is one of ${RUN_STATUSES.map((status) => status.toLowerCase()).join(", ")}`,
  job: "job is a job's name, with * for any characters",
  tag: "tag is key=value",
  by: "by is sensor:<name>, reexecution or api",
  created: "created is how long ago at most (90s, 15m, 1h, 7d) or a range of times, <from>..<to>",
  duration: "duration is compared with a time: duration>30s, duration<5m",
  error: "error is the class of an error, with * for any characters",
  id: "id is a run's id, or how it begins (8 characters at least)",
};

/** What is wrong with a part that is none, and what may stand there. */
const refusal = (word: string): string => {
  const field = FIELDS.find((known) => new RegExp(`^-?${known}[:<>]`).test(word));
  return `"${word}" is no filter: ${field ? ALLOWED[field] : `it can be about ${FIELDS.join(", ")}`}`;
};

/**
 * The filter that a text stands for, as the interface's filter bar and address have it.
 * @throws RangeError naming the first part that is none, and what is allowed there.
 */
export const readFilter = (text: string): RunFilter =>
  filterOf(
    wordsOf(text).map((word) => {
      const token = readToken(word);
      if (token) return token;
      throw new RangeError(refusal(word));
    }),
  );

/** The statuses that fit; null: all do. */
export const statusesOf = (tokens: readonly Token[]): readonly RunStatus[] | null => {
  const own = tokens.filter(({ field }) => field === "status");
  if (own.length === 0) return null;
  const any = own.filter(({ not }) => !not).flatMap(({ values }) => values);
  const none = own.filter(({ not }) => not).flatMap(({ values }) => values);
  return RUN_STATUSES.filter((status) => (any.length === 0 || any.includes(status)) && !none.includes(status));
};
