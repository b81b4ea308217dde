import { DqueueError } from "../core/errors";
import type { Description } from "./asked-process";
import type { CodeBundle } from "./bundle";
import { CodeProcess } from "./code-process";

const DESCRIBE_MS = 60_000;

/**
 * What a bundle defines, as JSON; its code runs in a child process that ends with the answer. Throws a DqueueError
 * CODE_LOCATION_BROKEN with the author's stack if the code cannot be loaded, NO_JOBS if it exports none.
 */
export const describeCode = async (bundle: CodeBundle, timeoutMs = DESCRIBE_MS): Promise<Description> => {
  const process = new CodeProcess(bundle, () => undefined);
  try {
    return await process.ask<Description>({ type: "describe" }, "Loading the code location", { timeoutMs });
  } catch (error) {
    const { code, message, stack } = error as Error & { code?: string };
    if (code === "NO_JOBS") throw new DqueueError(code, message);
    throw new DqueueError("CODE_LOCATION_BROKEN", `The code location cannot be loaded: ${stack ?? message}`);
  } finally {
    process.kill();
  }
};
