import type { JsonObject } from "../core/json";
import { BRANDS } from "./brand";

/**
 * Fails a step with what a reader should know. `retryable: false` ends it at once, whatever its retry policy says;
 * the default leaves that to the policy.
 */
export class Failure extends Error {
  readonly metadata: JsonObject | null;
  readonly retryable: boolean;

  constructor(message: string, options: { metadata?: JsonObject; retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.metadata = options.metadata ?? null;
    this.retryable = options.retryable ?? true;
  }

  /** @internal Recognised in a second copy of the package, and in subclasses. */
  get [BRANDS.failure](): true {
    return true;
  }
}

/** Asks for another try, with numbers of its own in place of the op's retry policy. */
export class RetryRequested extends Error {
  readonly maxRetries: number;
  /** Milliseconds before the next try; null = as the op's policy says, or at once. */
  readonly delayMs: number | null;

  constructor(options: { maxRetries?: number; delayMs?: number; message?: string; cause?: unknown } = {}) {
    super(
      options.message ?? "The step asked for a retry",
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.maxRetries = options.maxRetries ?? 1;
    this.delayMs = options.delayMs ?? null;
    if (!Number.isInteger(this.maxRetries) || this.maxRetries < 0)
      throw new RangeError(
        `RetryRequested needs maxRetries to be a whole number from 0; got ${String(options.maxRetries)}`,
      );
    if (this.delayMs !== null && !(Number.isFinite(this.delayMs) && this.delayMs >= 0))
      throw new RangeError(`RetryRequested needs delayMs to be milliseconds from 0; got ${String(options.delayMs)}`);
  }

  /** @internal */
  get [BRANDS.retryRequested](): true {
    return true;
  }
}
