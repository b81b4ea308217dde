import { EXIT } from "./exit";
import { tell } from "./print";

/**
 * Resolves at the first SIGTERM, SIGINT or SIGHUP; the caller then stops in order. A second signal ends the process
 * at once: what ran is taken up again at the next start.
 */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let stopping = false;
    const receive = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(EXIT.interrupted);
      stopping = true;
      if (process.stderr.isTTY) tell("\nStopping: running steps may finish. Once more ends it at once.");
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, receive);
  });
