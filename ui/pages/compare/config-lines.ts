import type { Json } from "../../../client";

export interface DiffLine {
  sign: "" | "−" | "+";
  text: string;
}

/** Longer texts are compared by what they begin and end with. */
const LONGEST = 1_500;

/** Lines of both configs in order; those of one alone are marked. */
export const diffOf = (a: Json, b: Json): DiffLine[] => {
  const [left, right] = [linesOf(a), linesOf(b)];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  const same = (text: string): DiffLine => ({ sign: "", text });
  return [
    ...left.slice(0, start).map(same),
    ...middle(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...left.slice(left.length - end).map(same),
  ];
};

const linesOf = (value: Json): string[] => JSON.stringify(value, null, 2).split("\n");

/** By the longest common subsequence. */
const middle = (a: string[], b: string[]): DiffLine[] => {
  const gone = a.map((text): DiffLine => ({ sign: "−", text }));
  const come = b.map((text): DiffLine => ({ sign: "+", text }));
  if (a.length === 0 || b.length === 0 || a.length > LONGEST || b.length > LONGEST) return [...gone, ...come];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: "", text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!))
      lines.push(gone[i++]!);
    else lines.push(come[j++]!);
  }
  return lines;
};

/** Names of what differs within the configs: `num_tasks`, `limits.size`. */
export const changedKeys = (a: Json, b: Json, path = ""): string[] => {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (!isObject(a) || !isObject(b)) return [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => changedKeys(a[name] ?? null, b[name] ?? null, path === "" ? name : `${path}.${name}`));
};

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
