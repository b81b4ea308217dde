import type { StepError } from "../core/errors";
import { Failure } from "../sdk/errors";

const size = (bytes: number): string => `${bytes} bytes (${Math.round((bytes / 1024 / 1024) * 100) / 100} MiB)`;

/** What is said of an output or item that is too large for the database. `what` begins the sentence. */
export const valueTooLarge = (what: string, step: string, bytes: number, limit: number): StepError => ({
  name: "ValueTooLarge",
  code: "VALUE_TOO_LARGE",
  message: `${what} of step "${step}" is ${size(bytes)} of JSON; the limit is ${size(limit)}. Give the op an ioManager (setting \`ioManager\`: a shared folder or an S3 bucket), or have it return less.`,
});

/** What is said of inputs that are too large to be held at once. */
export const inputTooLarge = (step: string, bytes: number, limit: number): StepError => ({
  name: "InputTooLarge",
  code: "INPUT_TOO_LARGE",
  message: `The inputs of step "${step}" are at least ${size(bytes)} of JSON; the limit is ${size(limit)}. Take the list as a stream (\`in: stream(schema)\` and \`for await\`), or pass less.`,
});

/** An error of ours that no retry mends, as something to throw through user code's frames. */
export const flaw = ({ name, code, message }: StepError): Error =>
  Object.assign(new Failure(message, { retryable: false }), { name, code });
