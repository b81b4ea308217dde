import { Errors } from "moleculer";
import type { JsonObject } from "../../core/json";
import { DqueueError } from "../../core/errors";
import { fromWire } from "../wire-errors";

/** The one table from stable codes to HTTP. A code that stands here is an answer to the caller, not a fault of ours. */
export const PROBLEMS: Readonly<Record<string, { status: number; title: string }>> = {
  UNAUTHENTICATED: { status: 401, title: "Nobody is signed in" },
  KEY_REFUSED: { status: 401, title: "The API key opens nothing here" },
  TOO_MANY_TRIES: { status: 429, title: "Too many wrong keys" },
  COMPANY_ACCOUNTS_OFF: { status: 404, title: "Company accounts are not set up" },
  COMPANY_UNAVAILABLE: { status: 503, title: "The company's sign-in does not answer" },
  ROLE_TOO_LOW: { status: 403, title: "Another role may do this" },
  KEY_NOT_FOUND: { status: 404, title: "There is no such API key" },
  NOT_FOUND: { status: 404, title: "There is nothing at this address" },
  RUN_NOT_FOUND: { status: 404, title: "There is no such run" },
  JOB_NOT_FOUND: { status: 404, title: "There is no such job" },
  STEP_NOT_FOUND: { status: 404, title: "The run has no such step" },
  SENSOR_NOT_FOUND: { status: 404, title: "There is no such sensor" },
  SCHEDULE_NOT_FOUND: { status: 404, title: "There is no such schedule" },
  SHARD_NOT_FOUND: { status: 404, title: "There is no such shard" },
  COORDINATOR_NOT_FOUND: { status: 404, title: "There is no such coordinator to hand the shard over to" },
  BULK_ACTION_NOT_FOUND: { status: 404, title: "There is no such bulk action" },
  RUN_DELETED: { status: 410, title: "The run has been deleted" },
  METHOD_NOT_ALLOWED: { status: 405, title: "The address does not know this method" },
  HOST_MISSING: { status: 400, title: "The request names no host" },
  HOST_NOT_ALLOWED: { status: 403, title: "The server does not answer under this host name" },
  FOREIGN_ORIGIN: { status: 403, title: "Another web page may not change anything here" },
  METHOD_OVERRIDE: { status: 400, title: "Methods cannot be overridden" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "The body must be application/json" },
  UNSUPPORTED_ENCODING: { status: 415, title: "The body must not be encoded" },
  UNSUPPORTED_CHARSET: { status: 415, title: "The body must be UTF-8" },
  UNKNOWN_EXPECTATION: { status: 417, title: "The server does not know this expectation" },
  MALFORMED_URL: { status: 400, title: "The address cannot be read" },
  MALFORMED_BODY: { status: 400, title: "The body is not JSON" },
  FORBIDDEN_KEY: { status: 400, title: "The body holds a forbidden key" },
  BODY_TOO_DEEP: { status: 400, title: "The body is nested too deeply" },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large" },
  UNKNOWN_PARAMETER: { status: 400, title: "Unknown query parameter" },
  INVALID_PARAMETER: { status: 400, title: "Invalid query parameter" },
  INVALID_CURSOR: { status: 400, title: "Invalid cursor" },
  INVALID_IDEMPOTENCY_KEY: { status: 400, title: "Invalid Idempotency-Key" },
  INVALID_BODY: { status: 422, title: "The body is not as described" },
  INVALID_CONFIG: { status: 422, title: "The config does not fit the job" },
  INVALID_SELECTION: { status: 422, title: "These steps cannot be run" },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: "The Idempotency-Key belongs to another request" },
  UNSTORABLE: { status: 422, title: "A value cannot be stored" },
  RUN_ENDED: { status: 409, title: "The run has ended" },
  RUN_NOT_ENDED: { status: 409, title: "The run has not ended" },
  NOTHING_TO_REEXECUTE: { status: 409, title: "Nothing of the run is to be executed again" },
  COUNT_DIFFERS: { status: 409, title: "The filter finds another number of runs" },
  SHARD_NOT_HELD: { status: 409, title: "The shard is changing hands" },
  NO_OTHER_COORDINATOR: { status: 409, title: "There is nobody to hand the shard over to" },
  VERSION_CONFLICT: { status: 409, title: "It has changed since it was read" },
  UI_NOT_BUILT: { status: 503, title: "The web interface has not been built" },
  SERVER_STOPPING: { status: 503, title: "The server is stopping" },
  DATABASE_UNAVAILABLE: { status: 503, title: "The database cannot serve at the moment" },
  SERVICE_UNAVAILABLE: { status: 503, title: "A part of the system is not there at the moment" },
  TIMEOUT: { status: 504, title: "A part of the system did not answer in time" },
  INTERNAL_ERROR: { status: 500, title: "Something went wrong on our side" },
};

/** An RFC 9457 problem document; `code` is what programs act on. */
export interface Problem extends JsonObject {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
}

export const problem = (code: string, detail: string, details: JsonObject = {}): Problem => {
  const { status, title } = PROBLEMS[code] ?? PROBLEMS.INTERNAL_ERROR!;
  return { ...details, type: `urn:dqueue:problem:${code}`, title, status, detail, code };
};

/** What to answer to a request that failed. `unexpected`: a fault of ours, to be logged and not shown. */
export const problemOf = (error: unknown): { problem: Problem; unexpected: boolean } => {
  const ours = fromWire(error);
  if (ours && ours.code in PROBLEMS) return expected(ours.code, ours.message, withErrors(ours));
  if (ours?.code.startsWith("DATABASE_"))
    return { ...expected("DATABASE_UNAVAILABLE", ours.message), unexpected: true };
  if (error instanceof Errors.ServiceNotFoundError || error instanceof Errors.ServiceNotAvailableError) {
    const { action = "" } = (error.data ?? {}) as { action?: string };
    return expected(
      "SERVICE_UNAVAILABLE",
      `Nobody answers "${action}" at the moment: start the role that does (sensors: daemon), or try again soon.`,
    );
  }
  if (error instanceof Errors.ValidationError) return expected("INVALID_BODY", error.message);
  if (error instanceof Errors.RequestTimeoutError) {
    return expected("TIMEOUT", "No answer within the time allowed. Whether the request took effect is not known.");
  }
  if (error instanceof Error && (error as { code?: unknown }).code === 400 && error.name === "BadRequestError") {
    return expected("MALFORMED_URL", "The address holds a percent sign that starts no valid code.");
  }
  return { problem: problem("INTERNAL_ERROR", "The server has logged what happened."), unexpected: true };
};

/** Where one value is at fault, callers find it as they find several. */
const withErrors = ({ message, details }: DqueueError): JsonObject => {
  const { pointer, ...rest } = details as JsonObject;
  return typeof pointer === "string" ? { ...rest, errors: [{ pointer, message }] } : (details as JsonObject);
};

const expected = (code: string, detail: string, details?: JsonObject): { problem: Problem; unexpected: false } => ({
  problem: problem(code, detail, details),
  unexpected: false,
});

export const notFound = (path: string): DqueueError =>
  new DqueueError("NOT_FOUND", `There is nothing at ${path}. What there is: GET /api/openapi.json.`);

export const methodNotAllowed = (method: string, path: string, allowed: readonly string[]): DqueueError =>
  new DqueueError("METHOD_NOT_ALLOWED", `${path} knows ${allowed.join(", ")}, not ${method}.`, {
    allow: allowed.join(", "),
  });
