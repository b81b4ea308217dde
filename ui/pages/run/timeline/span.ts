import type { Span } from "./draw/scale";

/** What is in view, as the address has it: `17.5,44.5`, in seconds. @returns null: the whole. */
export const readSpan = (z: string): Span | null => {
  const [from, to] = z.split(",").map((part) => Number(part) * 1000);
  return z !== "" && from !== undefined && to !== undefined && to > from ? { from, to } : null;
};

export const writeSpan = ({ from, to }: Span): string =>
  [from, to].map((ms) => String(Math.round(ms) / 1000)).join(",");
