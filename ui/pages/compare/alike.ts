/** Within a tenth, or within 50 ms: clocks and neighbours do as much. */
export const alike = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= Math.max(50, 0.1 * Math.max(a, b));
