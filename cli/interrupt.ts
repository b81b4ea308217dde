import { CliError, exitCodeOfSignal } from "./exit";
import { tell } from "./print";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Work that Ctrl-C (or a SIGTERM) breaks off: it then fails with what `told` says and the exit code of the signal.
 * @param work is given a signal that tells it so.
 */
export const interruptible = async <T>(
  work: (signal: AbortSignal) => Promise<T>,
  told: () => string,
  details: Record<string, unknown> = {},
): Promise<T> => {
  const stop = new AbortController();
  let interrupt!: (signal: NodeJS.Signals) => void;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = (signal) => {
      // Behind the ^C that the terminal shows.
      if (process.stderr.isTTY) tell("");
      reject(new CliError(exitCodeOfSignal(signal), "INTERRUPTED", told(), details));
      stop.abort();
    };
  });
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await Promise.race([work(stop.signal), interrupted]);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
};
