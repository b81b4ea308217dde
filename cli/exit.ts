import { DqueueError } from "../core/errors";

/** Exit codes of every command. A script that waits for a run can tell its ends apart. */
export const EXIT = {
  ok: 0,
  /** A run failed; a start, build, check or migration did not succeed. */
  failure: 1,
  /** Wrong command line, setting, job name, config or id. */
  usage: 2,
  /** A run was canceled. */
  canceled: 3,
  /** No server answered, or it went away. */
  unreachable: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0    success (of a run that was waited for: SUCCESS)
  1    failure (of a run that was waited for: FAILURE)
  2    wrong command line, setting, job, config or id
  3    the run that was waited for was CANCELED
  4    no server answers
  130  interrupted by Ctrl-C`;

/** Ends a command with one clear text on stderr and an exit code. Commands throw it; nobody sees its stack. */
export class CliError extends Error {
  constructor(
    readonly exitCode: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export const usageError = (message: string): CliError => new CliError(EXIT.usage, "USAGE", message);

/** Whatever was thrown, as what a user is told. */
export const asCliError = (error: unknown): CliError => {
  if (error instanceof CliError) return error;
  if (error instanceof DqueueError) {
    return new CliError(error.code.startsWith("SETTING") ? EXIT.usage : EXIT.failure, error.code, error.message, {
      ...error.details,
    });
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return new CliError(EXIT.failure, code ?? "UNEXPECTED", message || String(error));
};
