import type { IncomingHttpHeaders } from "node:http";
import { DqueueError } from "../../core/errors";
import type { JsonSchema } from "../../core/json";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The header, for routes that make something once per key. */
export const IDEMPOTENCY_HEADER: Record<string, JsonSchema> = {
  "Idempotency-Key": { type: "string", pattern: IDEMPOTENCY_KEY.source },
};

/** What is refused for the header's sake. */
export const IDEMPOTENCY_PROBLEMS = ["IDEMPOTENCY_KEY_REUSED", "INVALID_IDEMPOTENCY_KEY"] as const;

/** null: none was given. @throws DqueueError INVALID_IDEMPOTENCY_KEY. */
export const idempotencyKey = ({ "idempotency-key": given }: IncomingHttpHeaders): string | null => {
  if (given === undefined) return null;
  if (typeof given === "string" && IDEMPOTENCY_KEY.test(given)) return given;
  throw new DqueueError(
    "INVALID_IDEMPOTENCY_KEY",
    "The Idempotency-Key must be 1 to 255 visible ASCII characters, e.g. a UUID.",
  );
};
