import type { Problem } from "./types";

/** A request that the server refused or could not serve. Act on `code`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0: there was no answer (code UNREACHABLE). */
  readonly status: number;
  /** Stable, e.g. "JOB_NOT_FOUND". NO_DQUEUE_SERVER: what answered is none. */
  readonly code: string;
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Of an error without a problem document. */
export const apiError = (status: number, code: string, detail: string, cause?: unknown): ApiError =>
  new ApiError({ type: `urn:dqueue:problem:${code}`, title: detail, status, detail, code }, { cause });
