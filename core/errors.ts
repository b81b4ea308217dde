import type { Json, JsonObject } from "./json";

/**
 * An error that callers act on by `code` (stable, UPPER_SNAKE). `pointer` is the JSON pointer of the offending
 * value where there is one; `details` is safe to show to a user.
 */
export class DqueueError extends Error {
  override readonly name = "DqueueError";
  constructor(
    readonly code: string,
    message: string,
    readonly details: { pointer?: string; [key: string]: Json | undefined } = {},
  ) {
    super(message);
  }
}

/** An error of user code by value: how it crosses the process boundary, the bus and the database. */
export interface StepError {
  /** The class's name, e.g. "TypeError" or the author's own. */
  name: string;
  message: string;
  /** A stable code for errors of ours: "TIMEOUT", "STEP_LOST", "FAN_OUT_CHANGED", "VALUE_TOO_LARGE", … */
  code?: string;
  stack?: string;
  metadata?: JsonObject;
  cause?: StepError;
}

/** The frames of a stack, a line each. */
export const framesOf = (stack = ""): string[] => stack.split("\n").filter((line) => /^ {4}at /.test(line));
