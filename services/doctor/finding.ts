import { DqueueError } from "../../core/errors";

/** What one check found. `todo`: what to do about it; absent where all is well, or where the text says it. */
export interface Finding {
  check:
    | "node"
    | "memory"
    | "disk"
    | "database"
    | "migrations"
    | "clock"
    | "retention"
    | "access"
    | "broker"
    | "code"
    | "port";
  state: "ok" | "warning" | "problem";
  text: string;
  todo?: string;
}

/** Errors of ours say themselves what to do. */
export const problem = (check: Finding["check"], error: unknown, todo?: string): Finding => ({
  ...{ check, state: "problem", text: textOf(error) },
  ...(todo !== undefined && !(error instanceof DqueueError) && { todo }),
});

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes as people read them, e.g. "1.5 GB", in the units that settings take. */
export const room = (bytes: number): string => {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const number = bytes / 1000 ** power;
  return `${power === 0 || number >= 100 ? Math.round(number) : Number(number.toFixed(1))} ${UNITS[power]}`;
};
