import type { Node } from "../services/compose";
import { EXIT, exitCodeOfSignal } from "./exit";
import { tell } from "./print";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What a second signal leaves for steps to be given back. */
const HURRY_MS = 2_000;
/** npm passes on the Ctrl-C that the terminal has sent to all: what comes so soon is the same one. */
const SAME_MS = 200;

/**
 * Starts a node, calls `started` with the web server's URL, and serves until a signal comes; then stops it in order. A second signal ends the
 * wait for running steps, and the process within 2 s, with that signal's exit code; what is left open then, others take over.
 * @returns the exit code of a stop in order.
 */
export const serve = async (node: Node, started: (url: string | null) => void): Promise<number> => {
  const stop = stopSignal(node);
  for (const sentence of node.ground.settings.mistaken) node.broker.logger.warn(sentence);
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
    let stoppingSince: number | null = null;
    const receive = (signal: NodeJS.Signals): void => {
      if (stoppingSince !== null) {
        if (performance.now() - stoppingSince < SAME_MS) return;
        node.hurry();
        setTimeout(() => process.exit(exitCodeOfSignal(signal)), HURRY_MS).unref();
        return;
      }
      stoppingSince = performance.now();
      if (process.stderr.isTTY) tell("\nStopping: running steps may finish. Once more ends them.");
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, receive);
  });
