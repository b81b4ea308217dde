import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { built } from "../../store/built";

/** More than this, and a first visit takes too long on a phone. */
const MOST_BYTES = 130_000;

type Manifest = Record<string, { file: string; imports?: string[] }>;
const manifest = JSON.parse(readFileSync(built("ui", "manifest.json"), "utf8")) as Manifest;

/** The files of a chunk and of all that it cannot do without. */
const filesOf = (name: string, known = new Set<string>()): Set<string> => {
  const { file, imports = [] } = manifest[name]!;
  if (known.has(file)) return known;
  known.add(file);
  for (const one of imports) filesOf(one, known);
  return known;
};

/** As gzip, which every browser takes. */
const sentBytes = (file: string): number => {
  const path = built("ui", ...file.split("/"));
  return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
};

const worker = readdirSync(built("ui", "assets")).find((name) => /^worker-.*\.js$/.test(name))!;
const pages = Object.keys(manifest).filter((name) => /^pages\/[^/]+\/index\.tsx$/.test(name));

test.each(pages)("%s, opened first, needs at most 130 kB of script", (page) => {
  const files = filesOf(page, filesOf("index.html")).add(`assets/${worker}`);
  const bytes = [...files].reduce((sum, file) => sum + sentBytes(file), 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});
