import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
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
    for (const folder of foldersIn(root)) watchFolder(folder);
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
    for (const folder of new Set(sources.map((source) => dirname(source)))) watchFolder(folder);
  };
  // Each folder by itself: what watches a whole tree goes by the files that it has seen, and on Linux with Node 20 tells
  // no more of one that an editor has replaced by renaming another over it.
  const watchFolder = (folder: string): void => {
    if (watchers.has(folder) || IGNORED.test(folder)) return;
    try {
      const watcher = watch(folder, touched);
      const forget = (): void => {
        watcher.close();
        watchers.delete(folder);
      };
      // A folder that goes away is no reason to end the process; the next build says what is missing.
      watcher.on("error", forget);
      watchers.set(folder, watcher);
    } catch {
      // It has gone since it was listed.
    }
  };

  follow(first.sources);
  // What has changed between the first build and now, nobody has watched.
  void rebuild();
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

/** A folder and those below it that may hold code. */
const foldersIn = (folder: string): string[] => {
  const below = namesOf(folder).map((name) => join(folder, name));
  return [folder, ...below.filter((path) => !IGNORED.test(path)).flatMap(foldersIn)];
};

const namesOf = (folder: string): string[] => {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
};
