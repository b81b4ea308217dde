import type { StepStatus } from "../../../core/status";
import type { StepColumns } from "../../../store/queries/step-columns";

/** Even shares of a run's time, in ms since its creation. */
export interface Span {
  from: number;
  to: number;
  buckets: number;
}

/** By the status that steps have now: how many of them ran, on average, in each bucket. */
export type Density = Partial<Record<StepStatus, number[]>>;

/** Slots that steps took over the time: what a strip of 3 px columns is drawn from. */
export const densityOf = (
  columns: StepColumns,
  places: Iterable<number>,
  { from, to, buckets }: Span,
  now: number,
): Density => {
  const width = (to - from) / buckets;
  const sums: Partial<Record<StepStatus, Float64Array>> = {};
  for (const place of places) {
    const start = Math.max(columns.started[place]!, from);
    const end = Math.min(Number.isNaN(columns.ended[place]!) ? now : columns.ended[place]!, to);
    if (!(end > start)) continue;
    const sum = (sums[columns.statuses[place]!] ??= new Float64Array(buckets));
    const [first, last] = [Math.floor((start - from) / width), Math.min(buckets - 1, Math.floor((end - from) / width))];
    for (let bucket = first; bucket <= last; bucket++) {
      const begin = from + bucket * width;
      sum[bucket]! += (Math.min(end, begin + width) - Math.max(start, begin)) / width;
    }
  }
  return Object.fromEntries(
    Object.entries(sums).map(([status, sum]) => [status, Array.from(sum, (slots) => Math.round(slots * 10) / 10)]),
  );
};
