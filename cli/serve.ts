import type { Node } from "../services/compose";
import { EXIT } from "./exit";
import { tell } from "./print";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What a second signal leaves for steps to be given back. */
const HURRY_MS = 2_000;

/**
 * Starts a node, calls `started` with the web server's URL, and serves until a signal comes; then stops it in order. A second signal ends the
 * wait for running steps, and soon the process.
 * @returns the exit code.
 */
export const serve = async (node: Node, started: (url: string | null) => void): Promise<number> => {
  const stop = stopSignal(node);
  const starting = node.start().then(async () => started(await node.url()));
  await Promise.race([starting, stop]);
  await stop;
  // A start under way ends one way or the other; what it says then is of no use.
  starting.catch(() => undefined);
  await node.stop();
  return EXIT.ok;
};

const stopSignal = (node: Node): Promise<void> =>
  new Promise((resolve) => {
    let stopping = false;
    const receive = (): void => {
      if (stopping) {
        node.hurry();
        setTimeout(() => process.exit(EXIT.interrupted), HURRY_MS).unref();
        return;
      }
      stopping = true;
      if (process.stderr.isTTY) tell("\nStopping: running steps may finish. Once more ends them.");
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, receive);
  });
