import { join, resolve } from "node:path";

const here = __dirname;
/** Tests run this file from its TypeScript source; whatever starts a process needs the build. */
const builtRoot = __filename.endsWith(".ts") ? resolve(here, "..", "dist") : resolve(here, "..");

/** Path of a built file of this installation, e.g. `builtFile("runtime/step-process.js")`. */
export const builtFile = (path: string): string => join(builtRoot, path);
