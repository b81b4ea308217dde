import { statSync } from "node:fs";

const LOOK_MS = 1_000;

/**
 * Calls back once, within a second, when a file that is there now has been removed or replaced. The embedded database
 * would not notice: it goes on with the files that it has open, and whatever it writes then is lost.
 * @returns what ends the watch.
 */
export const watchPresence = (file: string, gone: () => void): (() => void) => {
  const first = identityOf(file);
  const timer = setInterval(() => {
    if (identityOf(file) === first) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
};

const identityOf = (file: string): string | null => {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found ? `${found.dev} ${found.ino}` : null;
};
