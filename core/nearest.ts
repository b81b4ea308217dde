/** Letters to add, drop or replace to get from one word to the other; where their lengths alone differ by more than `most`, infinite. */
export const distance = (a: string, b: string, most: number): number => {
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

/** Long names may differ in more letters: `minIntervalSeconds` means `minimumIntervalSeconds`. "x" does not mean "y". */
const mostOf = (name: string): number => (name.length < 3 ? 0 : Math.min(4, Math.ceil(name.length / 3)));

/** "input" may mean "in", and "max" "maxRetries"; a letter or two of a long name mean nothing. */
const isPart = (part: string, whole: string): boolean =>
  part.length > 1 && part.length * 4 >= whole.length && whole.includes(part);

/** What is a part of the other is nearer than any misspelling, and the nearer the less is missing. */
const farness = (a: string, b: string, most: number): number => {
  if (!isPart(a, b) && !isPart(b, a)) return distance(a, b, most);
  return Math.abs(a.length - b.length) / Math.max(a.length, b.length);
};

/** Up to three known names that the given one may have meant, nearest first. */
export const nearestNames = (name: string, known: readonly string[]): string[] => {
  const given = name.toLowerCase();
  if (given.length > 200) return [];
  const most = mostOf(given);
  const near = known.map((candidate) => ({ candidate, far: farness(given, candidate.toLowerCase(), most) }));
  return near
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
};

/** ` (did you mean "a" or "b"?)`, to stand behind what is said of an unknown name; empty where nothing is near. */
export const suggestion = (name: string, known: readonly string[]): string => {
  const nearest = nearestNames(name, known).map((near) => `"${near}"`);
  return nearest.length === 0 ? "" : ` (did you mean ${nearest.join(" or ")}?)`;
};
