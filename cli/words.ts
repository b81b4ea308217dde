import type { Command } from "commander";
import { nearestNames } from "../core/nearest";
import { usageError } from "./exit";

/** For the command that a group performs by default: words behind the group are a misspelt command of it, or what `show` shows. */
export const refuseWords = ([word]: string[], { parent: group }: Command): void => {
  if (word === undefined) return;
  const name = `dqueue ${group!.name()}`;
  const commands = group!.commands.map((command) => command.name());
  const [meant = commands.includes("show") ? `show ${word}` : null] = nearestNames(word, commands);
  const hint = meant === null ? "" : ` Did you mean \`${name} ${meant}\`?`;
  throw usageError(`"${word}" is no command of ${name}: there are ${commands.join(", ")}.${hint}`);
};
