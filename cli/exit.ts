import { constants } from "node:os";
import { ApiError } from "../client";
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
  /** The server wants an API key, or one with a higher role. */
  forbidden: 5,
} as const;

/** As a shell tells it of a process that the signal has ended: 130 for Ctrl-C, 143 for SIGTERM. */
export const exitCodeOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** Ends a command with one clear text on stderr and an exit code. Commands throw it; nobody sees its stack. */
export class CliError extends Error {
  /** What there was until then: with --json it stands beside the error. */
  readonly partial: object = {};

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
  if (error instanceof ApiError) return ofServer(error);
  if (error instanceof DqueueError) {
    return new CliError(error.code.startsWith("SETTING") ? EXIT.usage : EXIT.failure, error.code, error.message, {
      ...error.details,
    });
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return new CliError(EXIT.failure, code ?? "UNEXPECTED", message || String(error));
};

const FORBIDDEN = new Set(["UNAUTHENTICATED", "KEY_REFUSED", "ROLE_TOO_LOW"]);

const HINTS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: " This command takes it from DQUEUE_API_KEY.",
  KEY_REFUSED: " Set DQUEUE_API_KEY to another one.",
  UNREACHABLE: " Start one with `dqueue dev` or `dqueue start webserver`, or say with DQUEUE_URL where it is.",
  NO_DQUEUE_SERVER: " Does DQUEUE_URL (or PORT) point to one?",
};

/** Nobody is there, or not all that is needed: the same command may succeed later. */
const AWAY = new Set([502, 503, 504]);

const ofServer = ({ status, code, message, problem: { errors = [] } }: ApiError): CliError => {
  // The message says the first one.
  const lines = errors.slice(1).map((one) => `\n  ${one.pointer || "/"}: ${one.message}`);
  const text = message + (HINTS[code] ?? "") + lines.join("");
  return new CliError(exitCodeOf(status, code), code, text, errors.length > 0 ? { errors } : {});
};

const exitCodeOf = (status: number, code: string): number => {
  if (FORBIDDEN.has(code)) return EXIT.forbidden;
  if (code in HINTS || AWAY.has(status)) return EXIT.unreachable;
  // 409: what was asked for is right, and its time is not.
  return status >= 400 && status < 500 && status !== 409 ? EXIT.usage : EXIT.failure;
};
