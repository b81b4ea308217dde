import type { Format } from "./config-text";

/** Where somebody types. */
export interface CursorPlace {
  /** Of the object that holds it, or with `key` of the value. */
  path: string[];
  /** The key whose value is typed; null: a key is typed. */
  key: string | null;
  /** Where the word begins that is typed. */
  from: number;
}

export const placeAt = (text: string, at: number, format: Format): CursorPlace =>
  format === "yaml" ? inYaml(text, at) : inJson(text.slice(0, at));

const KEY = /^(\s*(?:- )*)(?:"([^"]*)"|'([^']*)'|([^\s:#][^:#]*?))\s*:(?=\s|$)/;

/** By indentation: what is being typed need not be YAML yet. */
const inYaml = (text: string, at: number): CursorPlace => {
  const lines = text.slice(0, at).split("\n");
  const line = lines.pop()!;
  const own = KEY.exec(line);
  const indent = /^[ ]*/.exec(line)![0].length;
  const path: string[] = [];
  let limit = indent;
  for (const above of lines.toReversed()) {
    const found = KEY.exec(above);
    if (!found || found[1]!.length >= limit) continue;
    path.unshift(nameIn(found));
    limit = found[1]!.length;
    if (limit === 0) break;
  }
  const word = /[^\s:,[\]{}"']*$/.exec(line)![0];
  return { path, key: own ? nameIn(own) : null, from: at - word.length };
};

const nameIn = ([, , double, single, plain]: RegExpExecArray): string => double ?? single ?? plain ?? "";

/** By the brackets that are open. */
const inJson = (before: string): CursorPlace => {
  const open: { key: string | null; list: boolean }[] = [];
  const text = /"(?:[^"\\]|\\.)*"?|[{}[\]:,]/g;
  let last = "";
  for (const [token] of before.matchAll(text)) {
    const top = open.at(-1);
    if (token === "{" || token === "[") open.push({ key: null, list: token === "[" });
    else if (token === "}" || token === "]") open.pop();
    else if (token === "," && top) top.key = null;
    else if (token === ":" && top) top.key = last.replaceAll('"', "");
    last = token;
  }
  const path = open.slice(0, -1).flatMap(({ key }) => (key === null ? [] : [key]));
  const word = /"?[^\s:,[\]{}"]*$/.exec(before)![0];
  return { path, key: open.at(-1)?.key ?? null, from: before.length - word.length };
};
