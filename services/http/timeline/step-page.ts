import type { StepStatus } from "../../../core/status";
import type { Database } from "../../../store/database";
import { notableEvents, type StepColumns } from "../../../store/queries/step-columns";
import { type Density, densityOf } from "./density";
import { beginOf, durationOf } from "./groups";
import { NOTABLE_EVENTS } from "./read-timeline";
import type { RunInHand } from "./runs-in-hand";
import { stepTable } from "./step-table";

export const STEP_SORTS = ["key", "started", "duration", "status", "worker"] as const;
export type StepSort = (typeof STEP_SORTS)[number];

/** Which steps are asked for: everything that is given must fit. Times are ms since the run's creation. */
export interface StepSelection {
  node?: string;
  status?: StepStatus[];
  worker?: string[];
  /** How the key goes on behind the node's name, or any part of the key. */
  key?: string;
  /** Open or under way in this time. */
  from_ms?: number;
  to_ms?: number;
}

/** Places of the steps that fit. */
export const selectSteps = ({ columns, now }: RunInHand, selection: StepSelection): number[] => {
  const { node, status, worker, key, from_ms = -Infinity, to_ms = Infinity } = selection;
  const statuses = status && new Set(status);
  const workers = worker && new Set(worker);
  const fits = (place: number): boolean => {
    const own = columns.keys[place]!;
    if (node !== undefined && own !== node && !own.startsWith(`${node}[`)) return false;
    if (statuses && !statuses.has(columns.statuses[place]!)) return false;
    if (workers && !workers.has(columns.workers[place] ?? "")) return false;
    if (key !== undefined && !own.includes(key)) return false;
    if (from_ms === -Infinity && to_ms === Infinity) return true;
    const end = Number.isNaN(columns.ended[place]!) ? now : columns.ended[place]!;
    return beginOf(columns, place) <= to_ms && end >= from_ms;
  };
  return Array.from(columns.keys.keys()).filter(fits);
};

const inOrder = new Intl.Collator("en", { numeric: true });

/** Sorts places; those without a value come last in both directions. */
const sortSteps = (places: number[], columns: StepColumns, sort: StepSort, falling: boolean, now: number): void => {
  const sign = falling ? -1 : 1;
  if (sort === "key" || sort === "worker" || sort === "status") {
    const texts = { key: columns.keys, worker: columns.workers, status: columns.statuses }[sort];
    places.sort((a, b) => sign * inOrder.compare(texts[a] ?? "\u{10ffff}", texts[b] ?? "\u{10ffff}") || a - b);
    return;
  }
  const value =
    sort === "started"
      ? (place: number) => columns.started[place]!
      : (place: number) => durationOf(columns, place, now);
  const values = new Map(places.map((place) => [place, value(place)]));
  const last = falling ? -Infinity : Infinity;
  const of = (place: number): number => (Number.isNaN(values.get(place)!) ? last : values.get(place)!);
  places.sort((a, b) => (of(a) === of(b) ? a - b : sign * (of(a) - of(b))));
};

/** A page of the steps that fit, by offset: the steps of a run are all in hand. */
export const readStepPage = async (
  db: Database,
  inHand: RunInHand,
  {
    sort,
    offset,
    limit,
    ...selection
  }: StepSelection & { sort: StepSort | `-${StepSort}`; offset: number; limit: number },
) => {
  const places = selectSteps(inHand, selection);
  const falling = sort.startsWith("-");
  sortSteps(places, inHand.columns, sort.replace("-", "") as StepSort, falling, inHand.now);
  const events = await notableEvents(db, inHand.run.id, NOTABLE_EVENTS);
  const table = await stepTable(db, inHand, places.slice(offset, offset + limit), events);
  return { now_ms: inHand.now, total: places.length, offset, ...table };
};

/** The slots that the steps which fit took in a window. */
export const readStrip = (
  inHand: RunInHand,
  { buckets, ...selection }: StepSelection & { buckets: number },
): { now_ms: number; from_ms: number; to_ms: number; total: number; slots: Density } => {
  const { from_ms = 0, to_ms = Math.max(inHand.now, 1) } = selection;
  const places = selectSteps(inHand, selection);
  const slots = densityOf(inHand.columns, places, { from: from_ms, to: to_ms, buckets }, inHand.now);
  return { now_ms: inHand.now, from_ms, to_ms, total: places.length, slots };
};
