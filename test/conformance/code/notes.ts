import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const path = (name: string): string => `${process.env.MARKS}/${name}`;

/** Appends a line to a file that the test reads. */
export const note = (name: string, line: string): void => appendFileSync(path(name), `${line}\n`);

/** Resolves once another step has noted the line: how steps of a test wait for each other. */
export const noted = async (name: string, line: string, signal: AbortSignal): Promise<void> => {
  const isThere = (): boolean => existsSync(path(name)) && readFileSync(path(name), "utf8").split("\n").includes(line);
  while (!isThere()) await sleep(10, undefined, { signal });
};
