import { DqueueError, framesOf } from "../core/errors";
import type { Description } from "./asked-process";
import type { CodeBundle } from "./bundle";
import { CodeProcess } from "./code-process";
import { DEFAULT_SECRETS } from "./process-secrets";

const DESCRIBE_MS = 60_000;

/**
 * What a bundle defines, as JSON; its code runs in a child process that ends with the answer. Throws a DqueueError
 * CODE_LOCATION_BROKEN with the lines of the author's code if the code cannot be loaded, NO_JOBS if it exports none.
 */
export const describeCode = async (
  bundle: CodeBundle,
  secrets = DEFAULT_SECRETS,
  timeoutMs = DESCRIBE_MS,
): Promise<Description> => {
  const process = new CodeProcess(bundle, secrets, () => undefined);
  try {
    return await process.ask<Description>({ type: "describe" }, "Loading the code location", { timeoutMs });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === "NO_JOBS") throw new DqueueError(code, message);
    throw new DqueueError("CODE_LOCATION_BROKEN", `The code location cannot be loaded: ${told(error as Error)}`);
  } finally {
    process.kill();
  }
};

/** What was thrown, where in the author's code, and what caused it. */
const told = (error: Error): string => {
  // Of this process's own: it has ended the other one, or found it dead.
  if (error instanceof DqueueError) return error.message;
  const { name, message, stack, cause } = error;
  const lines = [name === "DqueueError" ? message : `${name}: ${message}`, ...framesOf(stack)];
  return [...lines, ...(cause instanceof Error ? [`caused by ${told(cause)}`] : [])].join("\n");
};
