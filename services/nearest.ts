/** Letters to add, drop, replace or swap to get from one word to the other; more than `most` counts as infinite. */
const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
};

const MOST = 3;

/** Up to three known names that the given one may have meant, nearest first. */
export const nearestNames = (name: string, known: readonly string[]): string[] => {
  const given = name.toLowerCase();
  if (given.length > 200) return [];
  const near = known.map((candidate) => {
    const other = candidate.toLowerCase();
    const part = given.length > 2 && (other.includes(given) || given.includes(other));
    return { candidate, far: part ? 1 : distance(given, other, Math.min(MOST, Math.ceil(given.length / 2))) };
  });
  return near
    .filter(({ far }) => far <= MOST)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
};
