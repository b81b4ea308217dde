import { type Attempt, CODE, type ErrorLine, type Steps } from "./steps";

/** A run at a moment: what the drawing needs besides the columns. */
export interface Moment {
  /** Milliseconds since the run's creation. */
  at: number;
  /** Codes by step, as they were then. */
  status: Uint8Array;
  /** It is now. */
  live: boolean;
}

/** The run as it is now. */
export const nowOf = (steps: Steps, at: number): Moment => ({ at, status: steps.status, live: true });

/** The run as it was, from what is known of it today. */
export const pastOf = (steps: Steps, at: number): Moment => {
  const status = new Uint8Array(steps.count);
  for (let step = 0; step < steps.count; step++) status[step] = statusAt(steps, step, at);
  return { at, status, live: false };
};

const statusAt = (steps: Steps, step: number, at: number): number => {
  // Comparisons with NaN, a time that is not known, are false.
  if (steps.ended[step]! <= at) return steps.status[step]!;
  if (steps.started[step]! <= at) return CODE.STARTED;
  const past = steps.past.get(step)?.findLast(({ started, queued }) => started <= at || queued <= at);
  if (past && past.ended > at) return past.started <= at ? CODE.STARTED : CODE.QUEUED;
  if (steps.queued[step]! <= at) return CODE.QUEUED;
  if (past) return past.outcome === "FAILURE" ? CODE.UP_FOR_RETRY : CODE.QUEUED;
  return steps.ready[step]! <= at ? CODE.QUEUED : CODE.PENDING;
};

/** The try that was going on then, or had ended last; times that were to come are NaN. */
export const tryAt = (
  steps: Steps,
  step: number,
  at: number,
): Pick<Attempt, "queued" | "started" | "worker" | "slot"> => {
  const past = steps.past
    .get(step)
    ?.find(({ ended, started, queued }) => ended > at && (started <= at || queued <= at));
  const { queued, started, worker, slot } = past ?? {
    queued: steps.queued[step]!,
    started: steps.started[step]!,
    worker: steps.workerOf(step),
    slot: steps.slotOf(step),
  };
  return { queued: queued <= at ? queued : NaN, started: started <= at ? started : NaN, worker, slot };
};

/** What could be told of a step at a moment. Times that were to come are NaN. */
export interface Facts {
  /** Number of the try that went on, or was to come next. */
  attempt: number;
  /** Where that ran; null: it had not begun. */
  worker: string | null;
  /** Of the worker's slots, as `process.slot`; null: it was not told, or it had not begun. */
  slot: string | null;
  queued: number;
  started: number;
  ended: number;
  /** NaN: it did not run. */
  took: number;
  /** What it had failed with, for good or for now. */
  error: ErrorLine | null;
}

export const factsOf = (steps: Steps, step: number, { at, status }: Moment): Facts => {
  const past = steps.past.get(step) ?? [];
  const { queued, started, worker, slot } = tryAt(steps, step, at);
  const ended = steps.ended[step]! <= at ? steps.ended[step]! : NaN;
  const code = status[step];
  const retried = past.findLast((one) => one.ended <= at)?.error ?? steps.errors.get(step);
  const error = code === CODE.FAILURE ? steps.errors.get(step) : code === CODE.UP_FOR_RETRY ? retried : null;
  return {
    attempt: steps.attempt[step]! - past.filter((one) => one.outcome === "FAILURE" && one.ended > at).length,
    worker: started >= 0 ? worker : null,
    slot: started >= 0 ? slot : null,
    ...{ queued, started, ended },
    took: (Number.isNaN(ended) ? at : ended) - started,
    error: error ?? null,
  };
};

/** Steps by status; PENDING counts the nodes that have no step. */
export const countsOf = (steps: Steps, { status }: Moment, of: readonly number[] | null = null): Uint32Array => {
  const counts = new Uint32Array(8);
  if (of) for (const step of of) counts[status[step]!]!++;
  else {
    for (let step = 0; step < steps.count; step++) counts[status[step]!]!++;
    for (const members of steps.members) if (members.length === 0) counts[CODE.PENDING]!++;
  }
  return counts;
};
