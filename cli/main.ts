#!/usr/bin/env node
import { CommanderError } from "commander";
import { asCliError, type CliError, EXIT } from "./exit";
import { endSilentlyOnBrokenPipe, printJson, tell } from "./print";
import { program } from "./program";

const asksForJson = (): boolean => process.argv.includes("--json");

/** With --json an error is the one document on stdout; people read it on stderr either way. */
const report = ({ exitCode, code, message, details, partial }: CliError): void => {
  process.exitCode = exitCode;
  if (asksForJson()) printJson({ ...partial, error: { code, message, ...details } });
  tell(`dqueue: ${message}`);
};

const failed = (error: unknown): void => {
  if (!(error instanceof CommanderError)) return report(asCliError(error));
  // Commander has printed its help or its complaint itself.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error.exitCode !== 0 && asksForJson())
    printJson({ error: { code: "USAGE", message: withoutPrefix(error.message) } });
};

/** Commander writes for terminals. */
const withoutPrefix = (message: string): string => message.replace(/^error: /, "");

const main = async (): Promise<void> => {
  endSilentlyOnBrokenPipe();
  try {
    await program().parseAsync();
  } catch (error) {
    failed(error);
  }
  // Idle keep-alive connections must not hold the prompt back.
  process.stdout.write("", () => process.exit());
};

void main();
