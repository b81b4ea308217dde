/** What a page key moves by. */
const PAGE = 15;

/** Rows by keys, the same in each mode. @param row where the keyboard is; −1: it has not been there. */
export const rowMoves = (row: number, rows: number, go: (to: number) => void): Record<string, () => void> => ({
  ArrowDown: () => go(Math.max(0, row + 1)),
  ArrowUp: () => go(row - 1),
  Home: () => go(0),
  End: () => go(rows - 1),
  PageDown: () => go(Math.min(rows - 1, row + PAGE)),
  PageUp: () => go(Math.max(0, row - PAGE)),
});

/** The next row in a direction of which something is true; −1: there is none. */
export const rowFrom = (row: number, by: 1 | -1, rows: number, is: (row: number) => boolean): number => {
  for (let at = row + by; at >= 0 && at < rows; at += by) if (is(at)) return at;
  return -1;
};
