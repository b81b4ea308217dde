import type { Command } from "commander";
import { nearestNames } from "../core/nearest";
import { usageError } from "./exit";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** For the command that a group performs by default: words behind the group are a misspelt command of it, or an id. */
export const refuseWords = ([word]: string[], { parent: group }: Command): void => {
  if (word === undefined) return;
  const name = `dqueue ${group!.name()}`;
  const commands = group!.commands.map((command) => command.name());
  const meant = UUID.test(word) && commands.includes("show") ? [`show ${word}`] : nearestNames(word, commands);
  const hint = meant.length > 0 ? ` Did you mean \`${name} ${meant[0]!}\`?` : "";
  throw usageError(`"${word}" is no command of ${name}: there are ${commands.join(", ")}.${hint}`);
};
