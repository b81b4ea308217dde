import { useEffect, useMemo, useRef } from "react";
import type { Run } from "../../../../client";
import { useParam, writeParams } from "../../../data/url";
import { useNow } from "../../../parts/time";
import type { Forecast } from "../steps/forecast";
import type { Moment } from "../steps/past-state";
import { endOf } from "../steps/use-moment";
import type { Steps } from "../steps/steps";
import { idleStretches, wholeOf } from "./draw/scale";
import { readSpan, writeSpan } from "./span";
import { View } from "./view";

/** An idle stretch of at least this share of the whole is folded. */
const IDLE_SHARE = 0.3;
/** The address follows once the hand rests. */
const REST_MS = 250;
/** What is to come gets no more room than twice what has been. */
const MOST_AHEAD = 3;

/** What stretch of the run is in view, as the address says. */
export const useRunView = ({
  steps,
  version,
  run,
  moment,
  forecast,
}: {
  steps: Steps;
  version: number;
  run: Run;
  moment: Moment;
  forecast: Forecast | null;
}): View => {
  const view = useMemo(() => new View(), []);
  const [z] = useParam("z");
  const [fold] = useParam("fold");
  const written = useRef("");
  const now = useNow();
  const end = endOf(steps, run);
  const soFar = Math.max(moment.live ? moment.at : 0, now - steps.origin);
  const whole = wholeOf(
    end ?? Math.max(soFar, Math.min(forecast?.end ?? 0, MOST_AHEAD * soFar)),
    end !== null,
    view.whole.to,
  );
  const { to } = whole;
  const ended = end !== null;
  // While it goes on, what is idle is looked for when the whole grows: an idle stretch takes its time.
  const folds = useMemo(
    () => (fold === "0" ? [] : idleStretches(...staysOf(steps), { from: 0, to }, IDLE_SHARE)),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [steps, ended && version, fold, to],
  );
  useEffect(() => view.fit({ from: 0, to }, folds, view.width), [view, to, folds]);
  useEffect(() => {
    if (z !== written.current) view.restore(readSpan(z));
  }, [view, z]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = view.onBrush((brush) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        written.current = brush === null ? "" : writeSpan(brush);
        writeParams({ z: written.current });
      }, REST_MS);
    });
    return () => {
      clearTimeout(timer);
      forget();
    };
  }, [view]);
  return view;
};

/** When steps began to wait or to run, and when they ended: between the two nothing is idle. */
const staysOf = ({ count, queued, started, ended, past }: Steps): [begins: Float64Array, ends: Float64Array] => {
  const tries = [...past.values()].flat();
  const begins = new Float64Array(count + tries.length);
  const ends = new Float64Array(count + tries.length);
  let [begun, over] = [0, 0];
  for (let step = 0; step < count; step++) {
    const from = queued[step]! >= 0 ? queued[step]! : started[step]!;
    if (!(from >= 0)) continue;
    begins[begun++] = started[step]! < from ? started[step]! : from;
    if (ended[step]! >= from) ends[over++] = ended[step]!;
  }
  for (const one of tries) {
    begins[begun++] = one.queued || one.started || one.ended;
    ends[over++] = one.ended;
  }
  return [begins.subarray(0, begun), ends.subarray(0, over)];
};
