import { useMemo } from "react";
import type { Overview } from "../../../client";
import { useParam } from "../../data/url";
import { moment, type Zone } from "../../parts/format";

/** A part of the time shown, in whole buckets of it. `from`, `to`: milliseconds of Unix time. */
export interface Span {
  from: number;
  to: number;
  first: number;
  last: number;
}

export const BUCKETS = 24;

/** Of which part of the time all panels tell: the address says it, dragging over the runs sets it; null: of all of it. */
export const useSpan = (overview: Overview): { span: Span | null; setSpan(from: number, to: number): void } => {
  const [time, setTime] = useParam("time");
  const start = Date.parse(overview.from);
  const width = overview.bucket_seconds * 1_000;
  const span = useMemo(() => spanOf(time, start, width), [time, start, width]);
  const setSpan = (from: number, to: number): void => {
    const grid = (at: number, round: (n: number) => number): number => start + round((at - start) / width) * width;
    const ends = [grid(Math.min(from, to), Math.floor), grid(Math.max(from, to), Math.ceil)];
    setTime(ends.map((at) => `${new Date(at).toISOString().slice(0, 19)}Z`).join(".."), { push: true });
  };
  return { span, setSpan };
};

const spanOf = (time: string, start: number, width: number): Span | null => {
  const [from = Number.NaN, to = Number.NaN] = time.split("..").map((end) => Date.parse(end));
  const first = Math.max(0, Math.floor((from - start) / width));
  const last = Math.min(BUCKETS - 1, Math.ceil((to - start) / width) - 1);
  // Time that has left what is shown, or is none.
  if (!(last >= first)) return null;
  return { from: start + first * width, to: start + (last + 1) * width, first, last };
};

/** What happened in it. */
export const sumOf = (series: readonly number[], span: Span | null): number =>
  (span ? series.slice(span.first, span.last + 1) : series).reduce((sum, n) => sum + n, 0);

/** Where the runs of a status are listed: those created in the time shown. */
export const runsHref = (filter: string, { range }: Overview, span: Span | null): string => {
  const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return `/runs?q=${encodeURIComponent(`${filter} created:${span ? `${at(span.from)}..${at(span.to)}` : range}`)}`;
};

/** `14:02` today, before `24 Nov 14:02`; never "12 s ago". */
export const clockMoment = (at: number, now: number, zone: Zone): string =>
  moment(at, Math.max(now, at + 3_600_000), zone);
