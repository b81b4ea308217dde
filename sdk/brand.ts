/**
 * Marks of our objects. They stand in the global symbol registry, so that objects of a second copy of dqueue (in
 * another node_modules) are recognised as well.
 */
export const BRANDS = {
  op: Symbol.for("dqueue.op"),
  graph: Symbol.for("dqueue.graph"),
  job: Symbol.for("dqueue.job"),
  sensor: Symbol.for("dqueue.sensor"),
  dynamic: Symbol.for("dqueue.dynamic"),
  optional: Symbol.for("dqueue.optional"),
  stream: Symbol.for("dqueue.stream"),
  resource: Symbol.for("dqueue.resource"),
  failure: Symbol.for("dqueue.Failure"),
  retryRequested: Symbol.for("dqueue.RetryRequested"),
} as const;
export type Brand = keyof typeof BRANDS;

/** Marks an object; the mark is not enumerable, so it never shows in JSON or in comparisons. */
export const branded = <T extends object>(brand: Brand, value: T): T =>
  Object.defineProperty(value, BRANDS[brand], { value: true });

export const hasBrand = (brand: Brand, value: unknown): boolean => {
  try {
    return (
      ((typeof value === "object" && value !== null) || typeof value === "function") &&
      (value as Record<symbol, unknown>)[BRANDS[brand]] === true
    );
  } catch {
    return false; // A proxy or getter of the author's that throws.
  }
};
