import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { ROOT } from "./blocks";

// As it is built: it looks for its package two folders above.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { program } = require("../../dist/cli/program.js") as { program: () => Command };

/** The simple commands of a script as their words, without what the shell does with them. */
export const commandsOf = (script: string): string[][] =>
  script
    .replace(/\\\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => line.replace(/(^|\s)#.*$/, "").split(/&&|\|\||[|;]/))
    .map((command) => [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word))
    .filter((words) => words.length > 0);

/** What is wrong with a script that cannot be run here, as far as one can tell. */
export const flawsOfScript = (script: string): string[] => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
  return [
    ...(status === 0 ? [] : [stderr]),
    ...commandsOf(script).flatMap((words) => [...flawsOfDqueue(words), ...flawsOfNpm(words)]),
  ];
};

const INSTRUCTION = /^(FROM|USER|COPY|RUN|WORKDIR|ENV|ARG|EXPOSE|LABEL|ENTRYPOINT|CMD|HEALTHCHECK) \S/;

/** Lines of a Dockerfile that are no instructions, comments or continued ones. */
export const flawsOfDockerfile = (text: string): string[] =>
  text
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !INSTRUCTION.test(line));

const DIAGRAM = /^(stateDiagram-v2|sequenceDiagram|flowchart (TD|TB|BT|LR|RL))\n( {4}.*\n|\n)+$/;

/** Of a diagram, whose drawing is the reader's own affair, only that it is one. */
export const flawsOfMermaid = (text: string): string[] => (DIAGRAM.test(text) ? [] : [`is no diagram: ${text}`]);

/** Whether the command line has such a command and its options. */
const flawsOfDqueue = (words: readonly string[]): string[] => {
  const at = words.indexOf("dqueue");
  if (at === -1 || !isCalled(words.slice(0, at))) return [];
  const rest = words.slice(at + 1);
  let command: Command = program();
  while (command.commands.length > 0 && rest.length > 0 && !rest[0]!.startsWith("-")) {
    const name = rest.shift()!;
    const below = command.commands.find((one) => one.name() === name);
    if (!below) return [`dqueue ${words.slice(at + 1).join(" ")}: there is no command ${name}`];
    command = below;
  }
  return rest.filter((word) => word.startsWith("-")).flatMap((word) => flawsOfOption(command, word));
};

/** `dqueue` is a program's name only where a command begins, behind settings or behind what starts it elsewhere. */
const isCalled = (before: readonly string[]): boolean =>
  before.every((word) => /^[A-Z_]+=/.test(word)) || before.at(-1) === "npx" || before.includes("exec");

const flawsOfOption = (command: Command, word: string): string[] => {
  const name = word.split("=")[0]!;
  // A group without a command lists.
  const list = command.commands.filter((one) => one.name() === "list");
  const options = [command, ...list].flatMap((one) => one.options);
  const known = [...options.flatMap(({ short, long }) => [short, long]), "--help", "-h"];
  return known.includes(name) ? [] : [`dqueue ${command.name()} has no option ${name}`];
};

const flawsOfNpm = ([program, verb, script]: readonly string[]): string[] => {
  if (program !== "npm") return [];
  const name = verb === "run" ? script! : verb!;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return name in scripts || ["ci", "install"].includes(name) ? [] : [`there is no script ${name} in package.json`];
};
