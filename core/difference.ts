/** Fields of an object that differ from those of the object before it. */
export type Difference = Readonly<Record<string, unknown>>;

/**
 * What an object has otherwise than the one before it, field by field and by identity, so that what many have in common
 * need be told once; null where the two have not the same fields, or JSON would leave one out, and so the object has to
 * be told whole.
 */
export const differenceOf = (previous: unknown, next: unknown): Difference | null => {
  if (!isPlain(previous) || !isPlain(next)) return null;
  const difference: Record<string, unknown> = {};
  let surplus = 0;
  for (const name in next) {
    surplus++;
    const value = next[name];
    const before = previous[name];
    if (before === undefined && !(name in previous)) return null;
    if (value === before) continue;
    // The latter would become the prototype.
    if (value === undefined || name === "__proto__") return null;
    difference[name] = value;
  }
  for (const _ in previous) surplus--;
  return surplus === 0 ? difference : null;
};

/** The object of which `difference` was told; what it has in common with the one before it, the two share. */
export const withDifference = <T extends object>(previous: T, difference: Difference): T => ({
  ...previous,
  ...difference,
});

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
