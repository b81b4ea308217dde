import { readFileSync } from "node:fs";
import Module from "node:module";
import { dirname } from "node:path";
import { builtFile } from "./built";
import type { CodeBundle } from "./bundle";

/** What Node's Module has and its types leave out. */
interface ModuleInternals {
  _compile(code: string, filename: string): void;
}
interface ModuleStatics {
  _nodeModulePaths(folder: string): string[];
  _resolveFilename(request: string, ...rest: unknown[]): string;
}

/** The doors of this package that user code may name. */
const DOORS: Record<string, string> = {
  dqueue: "sdk/index.js",
  "dqueue/client": "client/index.js",
};

let installed = false;

/** `dqueue` is always the running installation: a copy in the user's folder would be a second set of classes. */
const resolveOurselves = (): void => {
  if (installed) return;
  installed = true;
  const statics = Module as unknown as ModuleStatics;
  const resolveFilename = statics._resolveFilename;
  statics._resolveFilename = (request, parent, ...rest) => {
    const door = parent === loading ? DOORS[request] : undefined;
    if (door) return builtFile(door);
    try {
      return resolveFilename.call(Module, request, parent, ...rest);
    } catch (error) {
      // What follows names the file that the bundle pretends to be, which nobody will find.
      if (parent === loading && error instanceof Error) error.message = error.message.split("\n")[0]!;
      throw error;
    }
  };
};

/** Frames of an error at load: where graphs nest, the author's line stands below many of ours. */
const DEEP_STACK = 200;

/** The bundle's own module: only its imports are led to this installation, so a package keeps the copy it came with. */
let loading: Module | undefined;

/**
 * Runs a bundle and returns its exports, one namespace per entry file. For child processes: it is user code.
 * Throws whatever the code throws at load.
 */
export const loadBundle = (bundle: Pick<CodeBundle, "file" | "loadAs">): Record<string, unknown> => {
  process.setSourceMapsEnabled(true);
  resolveOurselves();
  const module = new Module(bundle.loadAs);
  module.filename = bundle.loadAs;
  module.paths = (Module as unknown as ModuleStatics)._nodeModulePaths(dirname(bundle.loadAs));
  loading = module;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEP_STACK;
  try {
    (module as unknown as ModuleInternals)._compile(readFileSync(bundle.file, "utf8"), bundle.loadAs);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return module.exports as Record<string, unknown>;
};
