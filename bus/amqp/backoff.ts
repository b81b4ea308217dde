const BASE_MS = 100;
const MAX_MS = 2_000;

/** Milliseconds before try `failures` (from 0): doubling from 100 to at most 2,000, the upper half of it by chance. */
export const backoff = (failures: number): number => {
  const ms = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures, 10));
  return ms * (0.5 + Math.random() / 2);
};
