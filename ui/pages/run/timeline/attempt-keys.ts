import { useState } from "react";
import { duration } from "../../../parts/format";
import { wordOf } from "../../../parts/status";
import type { Moment } from "../steps/past-state";
import type { Steps } from "../steps/steps";
import { triesOf, type Try, tryEnd } from "../steps/tries";
import type { Chart } from "./chart";

/** The tries of the step that the keyboard is at, by the arrows to the side: each is marked, brought into view and said. */
export const useAttemptKeys = (chart: Chart, steps: Steps, moment: Moment) => {
  const [at, setAt] = useState<{ step: number; attempt: number } | null>(null);
  return {
    leave: (): void => {
      if (at === null) return;
      setAt(null);
      chart.mark({ attempt: null });
    },
    /** False: there is none in that direction. The last one is where it begins. */
    move: (step: number, by: 1 | -1): boolean => {
      const tries = triesOf(steps, moment, step);
      const attempt = (at?.step === step ? at.attempt : tries.length - 1) + by;
      const one = tries[attempt];
      if (!one) return false;
      setAt({ step, attempt });
      chart.view.reveal(one.started);
      chart.mark({ attempt: { step, from: one.started, to: tryEnd(one, moment) } });
      return true;
    },
    /** null: the row says all. */
    said: at && sayTry(triesOf(steps, moment, at.step), at.attempt, moment),
  };
};

const sayTry = (tries: readonly Try[], attempt: number, moment: Moment): string | null => {
  const one = tries[attempt];
  if (!one) return null;
  const took = tryEnd(one, moment) - one.started;
  const parts = [wordOf(one.status), ...(took >= 0 ? [duration(took)] : []), ...(one.worker ? [one.worker] : [])];
  return `Attempt ${attempt + 1} of ${tries.length}: ${parts.join(", ")}.`;
};
