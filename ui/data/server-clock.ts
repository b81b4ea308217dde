/** By this much a clock may be off before it counts as wrong, in ms: answers and their headers take a while. */
const SLACK_MS = 1_000;

/** How far the server's clock is ahead of this browser's, in ms. */
let ahead = 0;
const watchers = new Set<() => void>();

/** Told when this browser's clock was found to be wrong. For as long as the page is there. */
export const onCorrection = (watcher: () => void): void => void watchers.add(watcher);

/** By how much the server's clock is ahead, in ms; it changes once answers tell that this browser's is wrong. */
export const serverAhead = (): number => ahead;

/** The time, by the server's clock: what is shown was timed by it. Unix ms. */
export const serverNow = (by = ahead): number => Date.now() + by;

/** @param at by this browser's clock, as is what comes back by the server's. Unix ms. */
export const toServerTime = (at: number): number => at + ahead;

/** Asks, and compares the clocks by the answer's Date, which has no fractions of a second. */
export const timedFetch: typeof fetch = async (...asked) => {
  const sent = Date.now();
  const answer = await fetch(...asked);
  const told = Date.parse(answer.headers.get("date") ?? "");
  const [least, most] = [told - Date.now(), told + 1_000 - sent];
  if (ahead < least - SLACK_MS || ahead > most + SLACK_MS) {
    ahead = (least + most) / 2;
    watchers.forEach((watcher) => watcher());
  }
  return answer;
};
