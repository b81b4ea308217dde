import { sourcesOf } from "./critical-path";
import { heldBack } from "./held-back";
import type { Moment } from "./past-state";
import { CODE, type Steps } from "./steps";

/** When what has not ended is expected to begin and to end, in ms since the run's creation; NaN: nobody knows. */
export interface Forecast {
  /** By node. */
  starts: Float64Array;
  ends: Float64Array;
  /** Of the whole run. */
  end: number;
}

/**
 * Reckons with how long ops usually take, with their sources, and with the slots that the steps of an op have now. What
 * waits for something that has failed does not come.
 */
export const forecastOf = (steps: Steps, moment: Moment): Forecast => {
  const starts = new Float64Array(steps.nodes.length).fill(NaN);
  const ends = new Float64Array(steps.nodes.length).fill(NaN);
  // Sources stand before what they feed.
  steps.nodes.forEach((spec, node) => {
    if (steps.members[node]!.length > 0) {
      ends[node] = endOfKnown(steps, node, moment);
      return;
    }
    const sources = sourcesOf(steps, spec);
    starts[node] = Math.max(moment.at, ...sources.map((source) => ends[source]!));
    ends[node] = starts[node]! + steps.usual[node]!;
  });
  return { starts, ends, end: Math.max(moment.at, ...ends.filter((end) => end > moment.at)) };
};

/** So many steps of an op that have ended tell how long the others take. */
const ENOUGH = 5;

/** When all steps that there are of a node will have ended; NaN: one of them has failed. */
const endOfKnown = (steps: Steps, node: number, { at, status }: Moment): number => {
  let [end, begun, running, waiting] = [0, 0, 0, heldBack(steps, node)];
  let [done, took] = [0, 0];
  for (const step of steps.members[node]!) {
    const code = status[step]!;
    if (code === CODE.FAILURE || code === CODE.CANCELED) return NaN;
    if (code === CODE.STARTED) {
      running++;
      begun = Math.max(begun, steps.started[step]!);
    } else if (code < CODE.SUCCESS) waiting++;
    else {
      end = Math.max(end, steps.ended[step]! || 0);
      const own = steps.ended[step]! - steps.started[step]!;
      if (own >= 0) [done, took] = [done + 1, took + own];
    }
  }
  // What this run's config makes of an op tells more than the runs before.
  const usual = done >= ENOUGH ? took / done : steps.usual[node]!;
  if (running > 0) end = Math.max(end, at, begun + usual);
  if (waiting === 0) return end;
  return Math.max(end, at) + Math.ceil(waiting / Math.max(1, running)) * usual;
};
