import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder above with a package.json: the same seen from the sources and from the build in `dist`. */
const packageRoot = (): string => {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`There is no package.json above ${__dirname}.`);
  }
};

/** A file that ships as it is, e.g. `store/migrations`. */
export const shipped = (...path: string[]): string => join(packageRoot(), ...path);

/** A file of the build, e.g. `store/embedded/worker.js`: threads need JavaScript, also where we run from TypeScript. */
export const built = (...path: string[]): string => join(packageRoot(), "dist", ...path);
