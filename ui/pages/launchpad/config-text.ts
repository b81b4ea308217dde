import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from "yaml";
import type { Json, JsonObject } from "../../../client";

export type Format = "yaml" | "json";
export type Path = readonly string[];

/** A stretch of the text; `row` and `column` of its beginning count from 1. */
export interface Place {
  from: number;
  to: number;
  row: number;
  column: number;
}

/** A config as somebody writes it. */
export interface ConfigText {
  /** As far as it can be read; null: it cannot. */
  value: JsonObject | null;
  /** Why it cannot be read. */
  wrong: { message: string; place: Place } | null;
  /** Where a value stands; of one that is not there, the key of what should hold it. */
  placeOf(path: Path): Place;
}

export const pathOf = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));

export const writeConfig = (value: Json, format: Format): string => {
  if (format === "json") return `${JSON.stringify(value, null, 2)}\n`;
  const empty = value !== null && typeof value === "object" && Object.keys(value).length === 0;
  return empty ? "" : stringify(value);
};

export const readConfig = (text: string, format: Format): ConfigText => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (from: number, to: number): Place => {
    const { line, col } = lines.linePos(from);
    return { from, to, row: Math.max(1, line), column: Math.max(1, col) };
  };
  const placeOf = (path: Path): Place => place(...rangeOf(document, path, text));
  const wrong = notJson(text, format) ?? notYaml(document);
  if (wrong) return { value: null, wrong: { message: wrong.message, place: place(wrong.at, wrong.at) }, placeOf };
  const value = (document.toJS() ?? {}) as Json;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value, wrong: null, placeOf };
  return {
    value: null,
    wrong: { message: "A config is made of keys and values", place: place(0, text.length) },
    placeOf,
  };
};

const notYaml = ({ errors }: Document.Parsed): { message: string; at: number } | null => {
  const [first] = errors;
  if (!first) return null;
  // The word that is being typed: said in the words of who types it.
  const unfinished = first.code === "MISSING_CHAR" && first.message.startsWith("Implicit map keys");
  const message = unfinished ? "A key needs a colon and its value" : first.message.split(/ at line | in "/)[0]!;
  return { message, at: first.pos[0] };
};

const notJson = (text: string, format: Format): { message: string; at: number } | null => {
  if (format === "yaml" || text.trim() === "") return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return {
      message: message.replace(/ (in JSON )?at position.*/s, ""),
      at: Number(/position (\d+)/.exec(message)?.[1] ?? 0),
    };
  }
};

type Range = [from: number, to: number];

const rangeOf = (document: Document.Parsed, path: Path, text: string): Range => {
  let node: unknown = document.contents;
  let range: Range = [0, Math.min(text.length, Math.max(0, text.indexOf("\n")))];
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair) return range;
      range = spanOf(pair.key as Node) ?? range;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      if (node === undefined) return range;
      range = spanOf((isPair(node) ? node.key : node) as Node) ?? range;
    } else return range;
  }
  return (isScalar(node) && spanOf(node)) || range;
};

const spanOf = (node: Node): Range | null =>
  node.range && node.range[1] > node.range[0] ? [node.range[0], node.range[1]] : null;

/** The text with some values set (undefined: taken away); comments stay. */
export const changed = (
  text: string,
  format: Format,
  changes: readonly (readonly [Path, Json | undefined])[],
): string => {
  const document = parseDocument(text);
  if (document.contents === null) document.contents = document.createNode({}) as never;
  for (const [path, value] of changes) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  return format === "json" ? writeConfig(document.toJS() as Json, "json") : document.toString({ lineWidth: 0 });
};
