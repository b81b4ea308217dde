import type { RetryPolicy } from "./graph";

/**
 * Milliseconds before the n-th retry (n from 1). LINEAR n·d, EXPONENTIAL (2ⁿ−1)·d, none d; full jitter lies in
 * [0, delay], plus-minus jitter within ±d. Source: Dagster's RetryPolicy.
 *
 * @param random in [0, 1), drawn outside: the core knows no randomness.
 */
export const retryDelayMs = (policy: RetryPolicy, n: number, random: number): number => {
  const base = policy.delayMs;
  const delay =
    policy.backoff === "linear"
      ? n * base
      : policy.backoff === "exponential"
        ? Math.min(2 ** n - 1, MAX_DELAY_MS) * base
        : base;
  const jittered =
    policy.jitter === "full"
      ? delay * random
      : policy.jitter === "plus_minus"
        ? delay + (2 * random - 1) * base
        : delay;
  return Math.min(Math.max(0, Math.round(jittered)), MAX_DELAY_MS);
};

/** A hundred years: beyond it a time no longer fits what databases and `Date` hold. */
const MAX_DELAY_MS = 100 * 365 * 86_400_000;
