import type { Status } from "../../../parts/status";
import { type Moment, tryAt } from "./past-state";
import type { Steps } from "./steps";

/** A try of a step, as it was known at a moment. Times are ms since the run's creation. */
export interface Try {
  status: Status;
  worker: string | null;
  queued: number;
  started: number;
  /** NaN: it goes on. */
  ended: number;
}

/** Until when a try had gone by a moment. */
export const tryEnd = ({ ended }: Try, { at }: Moment): number => (Number.isNaN(ended) ? at : ended);

/** The tries of a step up to a moment, in order; of one that waits for its first there is none. */
export const triesOf = (steps: Steps, moment: Moment, place: number): Try[] => {
  const past = (steps.past.get(place) ?? []).filter(({ ended }) => ended <= moment.at);
  const tries = past.map(({ outcome, ...one }): Try => ({
    ...one,
    status: outcome === "FAILURE" ? "FAILURE" : outcome === "LOST" ? "LOST" : "CANCELED",
  }));
  const { queued, started, worker } = tryAt(steps, place, moment.at);
  if (Number.isNaN(started)) return tries;
  const ended = steps.ended[place]! <= moment.at ? steps.ended[place]! : NaN;
  const status = Number.isNaN(ended) ? "STARTED" : steps.statusOf(place);
  return [...tries, { status, worker, queued, started, ended }];
};
