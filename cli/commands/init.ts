import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CliError, EXIT } from "../exit";
import { printJson, say } from "../print";
import { inProject, projectName, sourceFor, TEMPLATE, writtenAs } from "../template";

export const init = async (given: string, { json }: { json?: true }): Promise<number> => {
  const folder = resolve(given);
  refuseUsed(given, folder);
  const name = projectName(folder);
  const files = write(folder, name);
  const next = [...(folder === process.cwd() ? [] : [`cd ${quoted(given)}`]), "npm install", "npm test", "npm start"];
  if (json) printJson({ folder, name, files, next });
  else say([`Wrote ${name} into ${folder}:`, ...indented(files), "", "Next:", ...indented(next)].join("\n"));
  return EXIT.ok;
};

const indented = (lines: string[]): string[] => lines.map((line) => `  ${line}`);

const quoted = (path: string): string => (/^[\w./\\:@-]+$/.test(path) ? path : JSON.stringify(path));

/** What is there stays as it is: nothing is written beside it. */
const refuseUsed = (given: string, folder: string): void => {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (!there) return;
  const refuse = (code: string, why: string): never => {
    throw new CliError(EXIT.usage, code, `${given} ${why}. Nothing was written; name an empty or a new folder.`);
  };
  if (!there.isDirectory()) refuse("NOT_A_FOLDER", "is a file");
  const [first] = readdirSync(folder);
  if (first !== undefined) refuse("FOLDER_NOT_EMPTY", `is not empty: it holds ${first}`);
};

/** @returns the paths that were written, from the folder on. */
const write = (folder: string, name: string): string[] => {
  const source = sourceFor(folder);
  const files = templateFiles().map((file) => {
    const path = writtenAs(file);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), inProject(file, readFileSync(join(TEMPLATE, file), "utf8"), name, source));
    return path;
  });
  if (source.tarball === null) return files;
  copyFileSync(source.tarball, join(folder, basename(source.tarball)));
  return [...files, basename(source.tarball)];
};

const templateFiles = (): string[] =>
  readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(TEMPLATE, join(entry.parentPath, entry.name)))
    .sort();
