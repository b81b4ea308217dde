import { useMemo } from "react";
import type { Run } from "../../../../client";
import { useParam } from "../../../data/url";
import { useNow } from "../../../parts/time";
import { type Moment, nowOf, pastOf } from "./past-state";
import type { Steps } from "./steps";

/** A moment as the address has it, from ms since the run's creation: in seconds, so exact that an event lies within. */
export const secondsOf = (at: number): string => String(Math.round(at) / 1000);

/** The moment that the address asks for, in ms since the run's creation; null: now. */
export const useAskedMoment = (): [number | null, (at: number | null, options?: { push?: boolean }) => void] => {
  const [t, setT] = useParam("t");
  const seconds = t === "" ? NaN : Number(t);
  const at = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
  return [at, (next, options) => setT(next === null ? null : secondsOf(next), options)];
};

/**
 * A moment of a run in Unix ms, to the millisecond, as events and lines are timed; null: now. Whoever tells how many there
 * were by then, and whoever tells which, must ask for the same.
 * @param at ms since `origin`, the run's creation.
 */
export const instantOf = (origin: number, at: number | null): number | null =>
  at === null ? null : Math.round(origin + at);

/** When everything of a run had ended; null: something goes on. In ms since its creation. */
export const endOf = (steps: Steps, run: Run): number | null =>
  run.ended_at === null ? null : Math.max(Date.parse(run.ended_at) - steps.origin, steps.lastEnd);

/** The run as it is to be shown: at the moment of the address, else now. */
export const useMoment = (steps: Steps, version: number, run: Run): Moment => {
  const [asked] = useAskedMoment();
  const now = useNow();
  const end = endOf(steps, run);
  // A moment that has not come is shown as the last one.
  const last = end ?? Math.max(0, now - steps.origin);
  const past = asked === null ? null : Math.min(asked, last);
  return useMemo(
    () => (past === null ? nowOf(steps, last) : pastOf(steps, past)),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [steps, version, past, end, end === null && past === null ? now : 0],
  );
};
