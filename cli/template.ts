import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** This package, as it is installed. */
const PACKAGE = join(__dirname, "..", "..");
/** A project that works: its files are written as they are, but for its name and where dqueue comes from. */
export const TEMPLATE = join(PACKAGE, "init");
/** What the template calls itself. */
const TEMPLATE_NAME = "my-project";

/** Packages never hold a .gitignore. */
export const writtenAs = (file: string): string => (file === "gitignore" ? ".gitignore" : file);

/** A folder's name as npm allows it for a package. */
export const projectName = (folder: string): string =>
  basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "") || TEMPLATE_NAME;

/** Where a project is to get dqueue from: `version` as it stands in its package.json, and a package file to bring along. */
export interface Source {
  readonly version: string;
  readonly tarball: string | null;
}

/** The text of a file of the template in a project of that name. */
export const inProject = (file: string, text: string, name: string, { version }: Source): string => {
  const named = text.replaceAll(TEMPLATE_NAME, name);
  if (file !== "package.json") return named;
  const manifest = JSON.parse(named) as { dependencies: Record<string, string> };
  manifest.dependencies.dqueue = version;
  return `${JSON.stringify(manifest, null, 2)}\n`;
};

/** Where this dqueue came from: a checkout, a package file that is still there, or a registry. */
export const sourceFor = (folder: string): Source => {
  if (basename(dirname(PACKAGE)) !== "node_modules")
    return { version: `file:${relative(folder, PACKAGE).split(sep).join("/")}`, tarball: null };
  const tarball = installedFrom(dirname(PACKAGE));
  if (tarball !== null && existsSync(tarball)) return { version: `file:${basename(tarball)}`, tarball };
  return { version: ownVersion(), tarball: null };
};

/** The package file that npm has installed dqueue from; null: it was none, or another program than npm. */
const installedFrom = (modules: string): string | null => {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record)) return null;
  const { packages } = JSON.parse(readFileSync(record, "utf8")) as { packages: Record<string, { resolved?: string }> };
  const { resolved = "" } = packages["node_modules/dqueue"] ?? {};
  return resolved.startsWith("file:") ? resolve(dirname(modules), resolved.slice("file:".length)) : null;
};

const ownVersion = (): string =>
  (JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { version: string }).version;
