import { DqueueError } from "../../core/errors";

/** Everything that is looked at. */
export const CHECKS = [
  ...(["settings", "node", "memory", "disk", "database", "migrations", "clock"] as const),
  ...(["transactions", "retention", "access", "broker", "code", "port"] as const),
] as const;

/** How it is with one of them: a warning stops nothing. */
export const FINDING_STATES = ["ok", "warning", "problem"] as const;

/** What one check found. `todo`: what to do about it; absent where all is well, or where the text says it. */
export interface Finding {
  check: (typeof CHECKS)[number];
  state: (typeof FINDING_STATES)[number];
  text: string;
  todo?: string;
}

/** Errors of ours say themselves what to do. */
export const problem = (check: Finding["check"], error: unknown, todo?: string): Finding => ({
  ...{ check, state: "problem", text: textOf(error) },
  ...(todo !== undefined && !(error instanceof DqueueError) && { todo: trustFirst(error) ?? todo }),
});

/** OpenSSL's names for certificates of an authority that Node does not know. */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What to do about a server whose certificate is not trusted; null: that is not what is wrong. */
const trustFirst = (error: unknown): string | null =>
  UNTRUSTED.has((error as { code?: unknown } | null)?.code)
    ? "Name the certificate of your own authority in NODE_EXTRA_CA_CERTS (docs/deployment.md, Encrypted connections)."
    : null;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes as people read them, e.g. "1.5 GB", in the units that settings take. */
export const room = (bytes: number): string => {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const number = bytes / 1000 ** power;
  return `${power === 0 || number >= 100 ? Math.round(number) : Number(number.toFixed(1))} ${UNITS[power]}`;
};
