import type { StepColumns } from "../../../store/queries/step-columns";
import { durationOf } from "./groups";

export type Reason = "failed" | "retrying" | "slowest" | "newest" | "next";

/** So many steps of a group are shown one by one; of a larger one only those worth it. */
export const SHOWN_ONE_BY_ONE = 12;

/** The steps of a large group that are worth a row of their own, each once, by the first reason that it has. */
export const outliersOf = (
  columns: StepColumns,
  places: readonly number[],
  now: number,
): { place: number; reason: Reason }[] => {
  const { statuses, started, ended, retry, ready, queued } = columns;
  const chosen = new Map<number, Reason>();
  const choose = (reason: Reason, most: number, among: number[], rank: (place: number) => number): void => {
    const left = among.filter((place) => !chosen.has(place) && !Number.isNaN(rank(place)));
    for (const place of largest(left, most, rank)) chosen.set(place, reason);
  };
  const having = (...some: string[]): number[] => places.filter((place) => some.includes(statuses[place]!));
  choose("failed", 3, having("FAILURE"), (place) => ended[place]!);
  choose("retrying", 2, having("UP_FOR_RETRY"), (place) => -retry[place]!);
  choose("slowest", 2, having("SUCCESS", "STARTED", "FAILURE"), (place) => durationOf(columns, place, now));
  choose("newest", 2, having("STARTED"), (place) => started[place]!);
  const waitsSince = (place: number): number => (Number.isNaN(queued[place]!) ? ready[place]! : queued[place]!);
  choose("next", 1, having("QUEUED"), (place) => -waitsSince(place));
  return [...chosen].map(([place, reason]) => ({ place, reason }));
};

/** The few that rank highest, highest first, in one pass. */
const largest = (places: readonly number[], most: number, rank: (place: number) => number): number[] => {
  const found: number[] = [];
  for (const place of places) {
    const at = found.findIndex((other) => rank(other) < rank(place));
    if (at >= 0) found.splice(at, 0, place);
    else if (found.length < most) found.push(place);
    if (found.length > most) found.pop();
  }
  return found;
};
