import { types } from "node:util";
import { DqueueError } from "../core/errors";

/** Errors of `pg` and of sockets carry these. */
interface Coded extends Error {
  code?: string;
  detail?: string;
  table?: string;
}

const SOCKET_CODES = new Set(
  "ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN ETIMEDOUT EPIPE EHOSTUNREACH ENETUNREACH ENOENT".split(" "),
);
/** Of `pg` itself, which gives these no code. */
const LOST_CONNECTION =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;
const NO_ANSWER = /^(Query read timeout|timeout expired)/;
const NO_FREE_CONNECTION = /^timeout exceeded when trying to connect/;

/** The code that callers act on, by SQLSTATE or by the error of the socket; null: an error of the statement itself. */
const databaseCode = ({ code = "", message }: Coded): string | null => {
  if (SOCKET_CODES.has(code) || LOST_CONNECTION.test(message)) return "DATABASE_UNREACHABLE";
  // 25P03: the server ended a session that idled inside a transaction.
  if (code.startsWith("08") || code === "25P03" || /^57P0[1-5]$/.test(code)) return "DATABASE_UNREACHABLE";
  if (code === "57014" || code === "55P03" || NO_ANSWER.test(message)) return "DATABASE_TIMEOUT";
  if (code === "53300" || NO_FREE_CONNECTION.test(message)) return "DATABASE_BUSY";
  if (code.startsWith("53") || code === "58030") return "DATABASE_FULL";
  // 58P01: a file of the database is not there.
  if (code === "58P01" || /^XX00[12]$/.test(code)) return "DATABASE_DAMAGED";
  if (code.startsWith("28") || code === "42501") return "DATABASE_ACCESS_DENIED";
  if (code === "3D000") return "DATABASE_MISSING";
  if (code === "25006") return "DATABASE_READ_ONLY";
  if (code.startsWith("40")) return "DATABASE_CONFLICT";
  return null;
};

const ADVICE: Record<string, string> = {
  DATABASE_UNREACHABLE: "The database cannot be reached: check that it runs and that DATABASE_URL is right",
  DATABASE_TIMEOUT: "The database did not answer in time: it is overloaded, or another session holds a lock",
  DATABASE_BUSY:
    "No database connection was free in time: the server's max_connections is used up, or a query waits for one " +
    "inside a transaction instead of using that",
  DATABASE_FULL: "The database has run out of disk, memory or another resource",
  DATABASE_DAMAGED:
    "The database cannot read its own files: look after its disk and folder, and restore a backup if they are lost",
  DATABASE_ACCESS_DENIED: "The database refuses access: check user, password and rights in DATABASE_URL",
  DATABASE_MISSING: "The database named in DATABASE_URL does not exist: create it",
  DATABASE_READ_ONLY: "The database takes no writes: DATABASE_URL must name the primary, not a replica",
  DATABASE_CONFLICT: "The database undid the transaction because of a concurrent one",
};

/**
 * Gives errors of the connection and the server a DqueueError with a `code` of the table above, the SQLSTATE in its
 * details and the original as its cause. Errors of a statement (a constraint, a bad value, a wrong query) stay as
 * they are, with their SQLSTATE in `code`.
 */
export const clearError = (error: unknown): unknown => {
  if (!types.isNativeError(error) || error instanceof DqueueError) return error;
  // Node wraps the failures of several addresses of a host (::1 and 127.0.0.1), Sequelize whatever it gets.
  const { errors, original } = error as Partial<AggregateError> & { original?: Coded };
  const coded: Coded = errors?.[0] ?? original ?? error;
  if (coded instanceof DqueueError) return coded;
  const code = databaseCode(coded);
  if (code === null) return error;
  return withCause(new DqueueError(code, `${ADVICE[code]} (${coded.message}).`, { sqlstate: coded.code }), error);
};

/** True of errors by which the server refuses a value or a row; the statement has then written nothing. */
export const refusesData = (error: unknown): error is Coded =>
  types.isNativeError(error) && /^(21|22|23|54)/.test((error as Coded).code ?? "");

/** The database refuses a value for good: the caller finds the culprit by halving what it sent. */
export const unstorable = (error: Coded): DqueueError => {
  const where = error.table ? ` of table "${error.table}"` : "";
  return withCause(
    new DqueueError("UNSTORABLE", `The database refuses a value${where}: ${error.message}.`, {
      sqlstate: error.code,
      detail: error.detail,
    }),
    error,
  );
};

const withCause = (error: DqueueError, cause: unknown): DqueueError => Object.assign(error, { cause });
