import { passing } from "./cache";

/** Who tries again this much later wants it once more. */
const SAME_WISH_MS = 5 * 60_000;

const underWay = new Set<string>();
/** Keys of wishes of which it is not known whether they were fulfilled. */
const open = new Map<string, { key: string; since: number }>();

/** `crypto.randomUUID` exists over HTTPS and on this machine alone. */
const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

const keyOf = (wish: string): string => {
  const known = open.get(wish);
  if (known && performance.now() - known.since < SAME_WISH_MS) return known.key;
  const key = newKey();
  open.set(wish, { key, since: performance.now() });
  return key;
};

/**
 * What somebody wants once is done once: a button that is pressed again while it goes on is the same wish, and so is
 * another try after an answer that was lost.
 * @param wish what is wanted, as one text.
 * @param act asks for it, with the wish's idempotency key.
 * @returns null: it goes on already.
 */
export const once = async <T>(wish: string, act: (key: string) => Promise<T>): Promise<T | null> => {
  if (underWay.has(wish)) return null;
  underWay.add(wish);
  try {
    const done = await act(keyOf(wish));
    open.delete(wish);
    return done;
  } catch (error) {
    // Refused: nothing was done.
    if (!passing(error as Error)) open.delete(wish);
    throw error;
  } finally {
    underWay.delete(wish);
  }
};
