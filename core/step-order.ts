/** A key cut at its numbers: text at even places, digits at odd ones. */
type Parts = string[];

const compareParts = (a: Parts, b: Parts): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    // Without leading zeros the longer number is the larger.
    if (i % 2 === 1 && x.length !== y.length) return x.length - y.length;
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
};

const partsOf = (key: string): Parts =>
  key.split(/(\d+)/).map((part, i) => (i % 2 === 1 ? part.replace(/^0+(?=\d)/, "") : part));

/** Step keys in the order in which people read them: numbers by value (`a[2]` before `a[10]`), the rest by text. */
export const inStepOrder = (keys: readonly string[]): string[] =>
  keys
    .map((key) => ({ key, parts: partsOf(key) }))
    .sort((a, b) => compareParts(a.parts, b.parts) || (a.key < b.key ? -1 : 1))
    .map(({ key }) => key);
