import { job, op, type RetryOptions, RetryRequested, z } from "dqueue";
import { note } from "./notes";

/** Tells the time of each try, and fails. */
const failing = (name: string, retry?: RetryOptions, error: () => Error = () => new Error("as told")) =>
  op({
    name,
    ...(retry && { retry }),
    run: ({ runId, stepKey, attempt }) => {
      note(runId, `${stepKey} ${attempt} ${Date.now()}`);
      throw error();
    },
  });
const only = (name: string, ...how: [retry?: RetryOptions, error?: () => Error]) =>
  job(name, (g) => void g.call(failing("fails", ...how)));

/** A13. */
export const counts = [
  only("retries_none"),
  only("retries_default", {}),
  only("retries_two", { maxRetries: 2 }),
  only("retries_requested", undefined, () => new RetryRequested({ maxRetries: 3 })),
];

/** A14. */
export const delays = [
  only("delay_fixed", { maxRetries: 2, delayMs: 300 }),
  only("delay_linear", { maxRetries: 3, delayMs: 100, backoff: "linear" }),
  only("delay_exponential", { maxRetries: 3, delayMs: 100, backoff: "exponential" }),
  only("delay_full_jitter", { maxRetries: 8, delayMs: 100, jitter: "full" }),
  only("delay_plus_minus_jitter", { maxRetries: 4, delayMs: 50, backoff: "linear", jitter: "plus_minus" }),
];

/** A15: one retry by the job, two by the op, three by the call. */
const own = failing("own", { maxRetries: 2 });
const none = failing("none");
export const precedence = job("retry_precedence", { retry: { maxRetries: 1 } }, (g) => {
  g.call(none, undefined, { as: "of_job" });
  g.call(own, undefined, { as: "of_op" });
  g.call(own, undefined, { as: "of_call", retry: { maxRetries: 3 } });
  g.call(own, undefined, { as: "of_call_none", retry: { maxRetries: 0 } });
});

/** B1, B2. */
const pass = op({ name: "pass", run: ({ runId, stepKey }) => note(runId, stepKey) });
export const passing = job("passing", (g) => void g.call(pass));
export const passingToo = job("passing_too", (g) => void g.call(pass));

/** B6, B9: one that runs until it is canceled, one that is parked for an hour, and one that no worker takes. */
const waits = op({
  name: "waits",
  out: z.string(),
  run: ({ runId, stepKey, signal }) => {
    note(runId, stepKey);
    return new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  },
});
export const waiting = job("waiting", (g) => void g.call(waits));
export const parked = only("parked", { maxRetries: 1, delayMs: 3_600_000 });
export const unserved = job("unserved", (g) => void g.call(waits, undefined, { queue: "nobody" }));

/** B16: parked long enough to be found so by a kill. */
export const stubborn = only("stubborn", { maxRetries: 3, delayMs: 1_500 });
