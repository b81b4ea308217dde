import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./blocks";

const page = readFileSync(join(ROOT, "docs/promises.md"), "utf8");

interface Shown {
  name: string;
  file: string;
}

const shownBy = (text: string): Shown[] =>
  [...text.matchAll(/\["([^"]+)"\]\(\.\.\/(test\/[\w/-]+\.test\.ts)\)/g)].map(([, name, file]) => ({
    name: name!,
    file: file!,
  }));

/** Whether a file has a test of that name, as it stands in the source. */
const hasTest = (source: string, name: string): boolean =>
  [...source.matchAll(/\b(?:test|it)(?:\.each\([^]*?\))?\(\s*(["'`])([^]*?)\1,/g)].some(
    ([, , known]) => known === name,
  );

const ROW = /^\|(?!\s*-)(.*)\|$/gm;

test("each promise names the tests that show it, and they exist", () => {
  const named = shownBy(page);
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter(
    ({ name, file }) => !existsSync(join(ROOT, file)) || !hasTest(readFileSync(join(ROOT, file), "utf8"), name),
  );
  expect(missing).toEqual([]);
  const rows = [...page.matchAll(ROW)].map(([row]) => row).filter((row) => !/\| shown by +\|$/.test(row));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => shownBy(row).length === 0)).toEqual([]);
});

test("a name is one only where a test begins with it", () => {
  const source = 'test("keeps what it has", () => {});\n// "loses nothing"\ntest.each([1, 2])("is %i", () => {});\n';
  expect(["keeps what it has", "loses nothing", "is %i", "keeps"].map((name) => hasTest(source, name))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
