/** Reads at most once in `ms`, however many ask; who asks meanwhile shares what was read. A failure is not kept. */
export const fresh = <T>(ms: number, read: () => Promise<T>): (() => Promise<T>) => {
  let last: { at: number; value: Promise<T> } | null = null;
  return () => {
    const now = performance.now();
    if (last && now - last.at < ms) return last.value;
    const value = read();
    last = { at: now, value };
    value.catch(() => (last = null));
    return value;
  };
};
