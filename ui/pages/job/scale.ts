import { count } from "../../parts/format";

/** What the height of a bar is. */
export type Height = "duration" | "waiting" | "steps";

const SECOND = 1_000;
/** Milliseconds that people take for round. */
const ROUND_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1_200, 1_800].map((s) => s * SECOND),
  ...[1, 2, 3, 6, 12, 24].map((h) => h * 3_600 * SECOND),
];

/** From the largest down. */
const UNITS = [
  ["h", 3_600 * SECOND],
  ["m", 60 * SECOND],
  ["s", SECOND],
] as const;

/** A round scale of at most five steps that holds the highest bar: its upper end, and its ticks with their words. */
export const scaleOf = (most: number, height: Height): { top: number; ticks: [value: number, word: string][] } => {
  const step = stepOf(Math.max(most, 1) / 4, height);
  const n = Math.max(1, Math.ceil(most / step));
  const top = Math.max(most * 1.04, step * n * 0.98);
  const values = Array.from({ length: n + 1 }, (_, i) => i * step).filter((value) => value <= top);
  return { top, ticks: values.map((value) => [value, tickWord(value, step, height)]) };
};

const stepOf = (least: number, height: Height): number => {
  const power = 10 ** Math.floor(Math.log10(least));
  const decimal = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least)!;
  return height === "steps" ? Math.max(1, decimal) : (ROUND_MS.find((n) => n >= least) ?? decimal);
};

/** All in the largest unit of which a step has at least a half: `20 s`, `40 s`, `60 s`; `0.5 m`, `1 m`. */
const tickWord = (value: number, step: number, height: Height): string => {
  if (value === 0) return "0";
  if (height === "steps") return count(value);
  const [unit, ms] = UNITS.find(([, ms]) => step >= ms / 2) ?? ["ms", 1];
  return `${Number((value / ms).toFixed(1))} ${unit}`;
};
