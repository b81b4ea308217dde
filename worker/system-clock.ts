import type { Clock } from "./ports";

/** Node fires a timer above 2^31−1 ms at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const due = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const left = Math.max(0, due - performance.now());
      timer = left > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(run, left);
    };
    arm();
    return { cancel: () => clearTimeout(timer) };
  },
};
