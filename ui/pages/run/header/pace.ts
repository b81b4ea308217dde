import type { Steps } from "../steps/steps";

/** How many steps of a run end in a second. */
export interface Pace {
  /** Of late. */
  perSecond: number;
  /** From the run's start on, stretch by stretch. */
  course: readonly number[];
}

const LATE_MS = 10_000;
const STRETCHES = 24;

/** @param start of the run, as `now` in Unix ms. */
export const paceOf = ({ count, ended, origin }: Steps, start: number, now: number): Pace => {
  const [from, to] = [start - origin, now - origin];
  const late = Math.max(from, to - LATE_MS);
  const course = new Array<number>(STRETCHES).fill(0);
  let recent = 0;
  const each = (to - from) / STRETCHES;
  for (let step = 0; step < count; step++) {
    const at = ended[step]!;
    // Of what has not ended this is false.
    if (!(at <= to)) continue;
    if (at > late) recent++;
    course[Math.min(STRETCHES - 1, Math.max(0, Math.floor((at - from) / each)))]!++;
  }
  if (!(to > from)) return { perSecond: 0, course };
  return { perSecond: (recent * 1000) / (to - late), course: course.map((n) => (n * 1000) / each) };
};
