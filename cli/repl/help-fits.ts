import { createRequire } from "node:module";

/** Of commander, what lays out the help of Moleculer's prompt. */
interface Help {
  subcommandTerm(command: object): string;
  wrap(text: string, width: number, indent: number, narrowest?: number): string;
}

const LONGEST_TERM = 30;
/** Commander's own is 40: beside it, it leaves what is longer to the terminal, which breaks words. */
const NARROWEST_TEXT = 20;

/**
 * Makes the prompt's help fit the terminal, wherever it is shown. Moleculer hands its commands to nobody, so that the
 * package which prints them is told. What is left out of a long one, `help <command>` tells.
 */
export const fitHelp = (): void => {
  const itsOwn = createRequire(require.resolve("moleculer-repl"));
  const help = (itsOwn("commander") as { Help: { prototype: Help } }).Help.prototype;
  const { subcommandTerm, wrap } = help;
  help.subcommandTerm = function (command) {
    const term = subcommandTerm.call(this, command);
    return term.length <= LONGEST_TERM ? term : `${term.replace(/ \[[^\]]*\]/g, "")} …`;
  };
  help.wrap = function (text, width, indent) {
    return wrap.call(this, text, width, indent, NARROWEST_TEXT);
  };
};
