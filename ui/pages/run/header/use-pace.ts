import { useEffect, useRef, useState } from "react";
import type { Run } from "../../../../client";
import { serverNow } from "../../../data/server-clock";
import { runHasEnded } from "../../../parts/status";
import type { Steps } from "../steps/steps";
import { type Pace, paceOf } from "./pace";

const LOOK_MS = 1_000;

/** The pace of a run that goes on, by what is known of its steps; null: it has ended, or has not begun. */
export const usePace = (steps: Steps | null, { status, started_at }: Run): Pace | null => {
  const [pace, setPace] = useState<Pace | null>(null);
  const latest = useRef(steps);
  useEffect(() => void (latest.current = steps));
  const goesOn = steps !== null && started_at !== null && !runHasEnded(status);
  useEffect(() => {
    if (!goesOn) return;
    const look = (): void => setPace(paceOf(latest.current!, Date.parse(started_at), serverNow()));
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [goesOn, started_at]);
  return goesOn ? pace : null;
};
