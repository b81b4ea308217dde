import { existsSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DqueueError } from "../core/errors";

/** Throws SETTING_INVALID where DQUEUE_HOME is no folder that can be written to, or made; leaves nothing behind. */
export const requireHome = (home: string): void => {
  try {
    const nearest = nearestThatIs(home);
    if (!statSync(nearest).isDirectory()) throw new Error(`${nearest} is no folder`);
    // Tried, since rights do not tell it: in /proc root may write, and Node would try for ever to make what is missing.
    rmdirSync(mkdtempSync(join(nearest, ".dqueue-")));
  } catch (error) {
    throw new DqueueError(
      "SETTING_INVALID",
      `DQUEUE_HOME is "${home}": it must be a folder that can be made and written to (${(error as Error).message}).`,
      { setting: "DQUEUE_HOME" },
    );
  }
};

const nearestThatIs = (path: string): string => (existsSync(path) ? path : nearestThatIs(dirname(path)));
