import type { Overview, OverviewJob } from "../../../client";
import type { Zone } from "../../parts/format";

/** The time that is drawn: what was, and a sixth of it to come. Milliseconds of Unix time. */
export interface Axis {
  from: number;
  now: number;
  to: number;
  share(at: number): number;
  percent(at: number): string;
}

const AHEAD = 1 / 6;

export const axisOf = (overview: Overview): Axis => {
  const [from, end, now] = [overview.from, overview.to, overview.at].map((at) => Date.parse(at)) as [
    number,
    number,
    number,
  ];
  const to = end + (end - from) * AHEAD;
  const share = (at: number): number => (at - from) / (to - from);
  return { from, now, to, share, percent: (at) => `${(100 * share(at)).toFixed(3)}%` };
};

/** Where a run lies; null: before what is drawn. It is at least 2 px wide, and touches no neighbour. */
export const placeOf = (axis: Axis, started: string, ended: string | null): { left: string; width: string } | null => {
  const from = Math.max(axis.from, Date.parse(started));
  const to = ended === null ? axis.now : Date.parse(ended);
  if (to < axis.from) return null;
  const width = 100 * (axis.share(Math.max(from, to)) - axis.share(from));
  return {
    left: axis.percent(from),
    width: ended === null ? `${width.toFixed(3)}%` : `calc(${width.toFixed(3)}% - 1px)`,
  };
};

/** Full moments of the zone, so far. */
export const ticksOf = ({ from, now }: Axis, zone: Zone = "utc"): number[] => {
  const step = stepOf(now - from);
  const offset = zone === "local" ? new Date(now).getTimezoneOffset() * 60_000 : 0;
  const first = Math.ceil((from - offset) / step) * step + offset;
  return Array.from({ length: Math.max(0, Math.floor((now - first) / step) + 1) }, (_, i) => first + i * step);
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const stepOf = (range: number): number => {
  if (range <= 2 * HOUR) return 10 * MINUTE;
  if (range <= 12 * HOUR) return HOUR;
  return range <= 48 * HOUR ? 4 * HOUR : 24 * HOUR;
};

/** A rhythm is known from so many runs on. */
const RHYTHM = 4;
/** More than these are no single runs any more. */
const MOST = 8;

/** When runs are to be expected, at the pace of the last ones: guesses. "all the time": too many to tell apart. */
export const expectedOf = (
  { bars: { created_at: created }, sensors }: OverviewJob,
  axis: Axis,
): number[] | "all the time" => {
  if (created.length < RHYTHM) return [];
  const times = created.map((at) => Date.parse(at));
  const gaps = times.slice(1).map((at, i) => at - times[i]!);
  const gap = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
  if (gap * MOST < axis.to - axis.now) return "all the time";
  const running = sensors.filter(({ status }) => status === "RUNNING");
  const tick = Math.min(...running.map(({ next_tick_at }) => Date.parse(next_tick_at)));
  const margin = (axis.to - axis.from) / 60;
  const first = Math.max(times.at(-1)! + gap, tick, axis.now + margin);
  const count = Math.max(0, Math.floor((axis.to - margin / 2 - first) / gap) + 1);
  return Array.from({ length: count }, (_, i) => first + i * gap);
};
