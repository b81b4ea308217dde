import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type BuildFailure, type Message, build } from "esbuild";
import { DqueueError } from "../core/errors";

/** A code location as one file, which step, sensor and describe processes load. */
export interface CodeBundle {
  /** Hash of the code: the same sources give the same version on every machine. */
  version: string;
  /** The bundled JavaScript, in the cache folder. */
  file: string;
  /** The file that the bundle pretends to be, inside the code location: packages resolve from there. Never written. */
  loadAs: string;
}

/** A bundle, and the files that it was made from (absolute), for who watches them. */
export interface BuiltBundle {
  bundle: CodeBundle;
  sources: string[];
}

const SOURCE = /\.(ts|mts|cts|tsx|js|mjs|cjs|jsx)$/;
const NOT_CODE = /\.(d\.[mc]?ts|(test|spec)\.[mc]?[jt]sx?)$/;

const isCode = (file: string): boolean => SOURCE.test(file) && !NOT_CODE.test(file);

/**
 * Where to start: index if there is one, else a module that takes in every file. Throws a DqueueError with code
 * CODE_LOCATION_MISSING or _EMPTY.
 */
export const findCode = async (location: string): Promise<{ folder: string; entries: string[] }> => {
  if (!existsSync(location)) {
    throw new DqueueError(
      "CODE_LOCATION_MISSING",
      `The code location ${location} does not exist. Set DQUEUE_JOBS to the folder or file that exports your jobs.`,
    );
  }
  if (!statSync(location).isDirectory()) return { folder: dirname(location), entries: [basename(location)] };
  const files = (await readdir(location)).filter(isCode).sort();
  const index = files.find((file) => basename(file, extname(file)) === "index");
  if (index) return { folder: location, entries: [index] };
  if (files.length > 0) return { folder: location, entries: files };
  throw new DqueueError(
    "CODE_LOCATION_EMPTY",
    `The code location ${location} holds no .ts or .js file. Add one that exports a job, or point DQUEUE_JOBS elsewhere.`,
  );
};

const describeMessage = ({ location, text }: Message): string =>
  location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;

const buildFailed = (location: string, failure: unknown): DqueueError => {
  const messages = (failure as Partial<BuildFailure>).errors ?? [];
  const lines = messages.length > 0 ? messages.map(describeMessage) : [String((failure as Error)?.message ?? failure)];
  return new DqueueError(
    "CODE_LOCATION_BROKEN",
    `The code location ${location} could not be bundled:\n${lines.map((line) => `  ${line}`).join("\n")}`,
  );
};

const LOAD_AS = "__dqueue_bundle__.js";

/**
 * Bundles a code location (a folder or a file) into `cacheFolder`, once per version of the code. Packages stay
 * outside and are resolved from the location when the bundle is loaded; nothing is written into the location.
 * Throws a DqueueError with code CODE_LOCATION_MISSING, _EMPTY or _BROKEN (with file:line:column), or CODE_NOT_STORED.
 */
export const buildBundle = async (codeLocation: string, cacheFolder: string): Promise<BuiltBundle> => {
  const location = resolve(codeLocation);
  const { folder, entries } = await findCode(location);
  const loadAs = join(folder, LOAD_AS);
  const result = await build({
    stdin: {
      contents: entries
        .map((file, index) => `export * as file${index} from ${JSON.stringify(`./${file}`)};`)
        .join("\n"),
      resolveDir: folder,
      sourcefile: "__dqueue_entry__.js",
    },
    absWorkingDir: folder,
    outfile: loadAs,
    write: false,
    bundle: true,
    metafile: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    packages: "external",
    // Said by name too: a tsconfig with `paths` for it would else put a second copy of the SDK into the bundle.
    external: ["dqueue", "dqueue/client"],
    sourcemap: "inline",
    keepNames: true,
    logLevel: "silent",
    define: {
      "import.meta.url": "__dqueue_url",
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
    },
    banner: { js: 'const __dqueue_url = require("node:url").pathToFileURL(__filename).href;' },
  }).catch((failure: unknown) => {
    throw buildFailed(location, failure);
  });
  const code = result.outputFiles[0]!.contents;
  const version = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const sources = Object.keys(result.metafile.inputs)
    .filter((source) => source !== "__dqueue_entry__.js" && source !== "<stdin>")
    .map((source) => resolve(folder, source));
  return { bundle: { version, file: await store(cacheFolder, version, code), loadAs }, sources };
};

const store = async (cacheFolder: string, version: string, code: Uint8Array): Promise<string> => {
  const file = resolve(cacheFolder, `${version}.js`);
  if (existsSync(file)) return file;
  try {
    await mkdir(cacheFolder, { recursive: true });
    await writeWhole(file, code);
  } catch (error) {
    throw new DqueueError(
      "CODE_NOT_STORED",
      `The bundle of the code location could not be written into ${cacheFolder} (${(error as Error).message}). ` +
        "Run `dqueue build` where that can be written to, e.g. while building the image, or let DQUEUE_HOME name another folder.",
    );
  }
  return file;
};

/** Written beside and renamed: a process that loads the same version never sees half a file. */
const writeWhole = async (file: string, code: Uint8Array): Promise<void> => {
  const unfinished = `${file}.${process.pid}.${Date.now()}`;
  await writeFile(unfinished, code);
  await rename(unfinished, file);
};
