import moleculerRepl from "moleculer-repl";
import { lightNode } from "../../services/light-node";
import { readSettings } from "../../services/settings";
import { usageError } from "../exit";
import { tell } from "../print";
import { replCommands } from "../repl/commands";
import { fitHelp } from "../repl/help-fits";
import { looksOnly } from "../repl/looks-only";

/** Serves a prompt until Ctrl-D or `quit`, which end the process. */
export const repl = async (): Promise<number> => {
  // At the end of its input it would stop at once, and so it would without one.
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw usageError("dqueue repl is a prompt for a terminal. Scripts use the other commands, with --json.");
  const broker = lightNode(readSettings(), looksOnly);
  await broker.start();
  tell("You are a node among the others. `help` lists the commands, Ctrl-D leaves.");
  fitHelp();
  const interrupts = new EventTarget();
  const prompt = moleculerRepl(broker, {
    delimiter: "dqueue $",
    customCommands: replCommands(broker, (act) => {
      interrupts.addEventListener("interrupt", act);
      return () => interrupts.removeEventListener("interrupt", act);
    }),
  });
  prompt.on("SIGINT", () => interrupts.dispatchEvent(new Event("interrupt")));
  return new Promise(() => {});
};
