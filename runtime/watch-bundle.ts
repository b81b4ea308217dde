import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { statSync } from "node:fs";
import { type BuiltBundle, type CodeBundle, buildBundle } from "./bundle";

export interface BundleWatch {
  /** Builds now and does not wait for a change; for tests and a "reload" command. Resolves when it has been told. */
  rebuild(): Promise<void>;
  /** Stops watching; waits for a build in hand. */
  close(): Promise<void>;
}

/** Editors write a file in several steps; one build for all of them. */
const DEBOUNCE_MS = 80;
const IGNORED = /(^|[\\/])(node_modules|\.git|\.dqueue)([\\/]|$)/;

/**
 * Builds the code location again whenever a file of it (or one that it imports from elsewhere) changes, and calls
 * `changed` when the code's version is another one than before; `failed` with the DqueueError of a build that broke,
 * after which the last good version stays in use.
 */
export const watchBundle = (
  codeLocation: string,
  cacheFolder: string,
  first: BuiltBundle,
  tell: { changed(bundle: CodeBundle): void; failed(error: unknown): void },
): BundleWatch => {
  const location = resolve(codeLocation);
  const root = statSync(location).isDirectory() ? location : dirname(location);
  const watchers = new Map<string, FSWatcher>();
  let version = first.bundle.version;
  let timer: NodeJS.Timeout | undefined;
  let building: Promise<void> = Promise.resolve();
  let closed = false;

  const build = async (): Promise<void> => {
    try {
      const built = await buildBundle(location, cacheFolder);
      if (closed) return;
      follow(built.sources);
      if (built.bundle.version === version) return;
      version = built.bundle.version;
      tell.changed(built.bundle);
    } catch (error) {
      if (!closed) tell.failed(error);
    }
  };
  const rebuild = (): Promise<void> => (building = building.then(build));
  const touched = (_event: string, file: string | null): void => {
    if (closed || (file && (IGNORED.test(file) || basename(file).startsWith(".")))) return;
    clearTimeout(timer);
    timer = setTimeout(() => void rebuild(), DEBOUNCE_MS);
  };
  const follow = (sources: string[]): void => {
    const outside = sources.map((source) => dirname(source)).filter((folder) => !`${folder}/`.startsWith(`${root}/`));
    for (const folder of new Set(outside)) watchFolder(folder, false);
  };
  const watchFolder = (folder: string, recursive: boolean): void => {
    if (watchers.has(folder) || IGNORED.test(folder)) return;
    const watcher = watch(folder, { recursive }, touched);
    // A folder that goes away is no reason to end the process; the next build says what is missing.
    watcher.on("error", () => watchers.delete(folder));
    watchers.set(folder, watcher);
  };

  watchFolder(root, true);
  follow(first.sources);
  return {
    rebuild,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      await building;
    },
  };
};
