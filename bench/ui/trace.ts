import type { Browser, Page } from "playwright-core";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Of the thread's own time: what others on this machine do is not in it. */
  tdur?: number;
  args: { name?: string };
}

/** What the page's main thread did, in milliseconds of its own time. */
export interface Work {
  /** Of each frame: input, script, layout and paint, up to the next frame. */
  frames: number[];
  longestTask: number;
}

const CATEGORIES = ["toplevel", "devtools.timeline", "__metadata"];

/** Watches the main thread of a page while something is done with it. */
export const workDuring = async (browser: Browser, page: Page, act: () => Promise<unknown>): Promise<Work> => {
  await browser.startTracing(page, { categories: CATEGORIES });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const frames = traceEvents.filter(({ name }) => name === "FireAnimationFrame");
  const [first] = frames;
  if (!first) throw new Error("The page drew no frame.");
  const own = ({ pid, tid }: TraceEvent): boolean => pid === first.pid && tid === first.tid;
  const tasks = traceEvents
    .filter((event) => own(event) && /RunTask$/.test(event.name) && event.ph === "X")
    .sort((a, b) => a.ts - b.ts);
  const begins = frames.filter(own).map(({ ts }) => ts);
  return {
    frames: byFrame(
      tasks,
      begins.sort((a, b) => a - b),
    ),
    longestTask: tasks.reduce((longest, task) => Math.max(longest, msOf(task)), 0),
  };
};

const msOf = ({ tdur = 0 }: TraceEvent): number => tdur / 1_000;

/** A frame begins with the task that its first callback runs in. */
const byFrame = (tasks: readonly TraceEvent[], begins: readonly number[]): number[] => {
  const frames: number[] = [];
  let next = 0;
  for (const task of tasks) {
    const end = task.ts + (task.dur ?? 0);
    if (next < begins.length && begins[next]! < end && begins[next]! >= task.ts) {
      frames.push(0);
      while (next < begins.length && begins[next]! < end) next++;
    }
    if (frames.length > 0) frames[frames.length - 1]! += msOf(task);
  }
  // The last one may not be whole.
  return frames.slice(0, -1);
};

export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]!;
