import type { Plan } from "../../../core/plan";
import { nodeOfKey, parseStepKey } from "../../../core/step-key";
import { stepHasEnded, type StepStatus } from "../../../core/status";
import type { StepColumns } from "../../../store/queries/step-columns";

/** The steps of one node, by their places in the columns. */
export interface Group {
  node: string;
  /** Its steps stand below a generator. */
  mapped: boolean;
  places: number[];
  /** Items that there are for it by now; 0: it is not mapped. */
  items: number;
}

/** Steps by node, in the order of the graph; nodes without steps too. Hooks, which are in no graph, come last. */
export const groupsOf = (columns: StepColumns, plan: Plan): Group[] => {
  const groups = new Map<string, Group>();
  const yielded = itemsByNode(columns);
  for (const [node, { scope }] of plan.nodes) {
    const items = yielded.get(scope.at(-1)?.spec.name ?? "") ?? 0;
    groups.set(node, { node, mapped: scope.length > 0, places: [], items });
  }
  columns.keys.forEach((key, place) => {
    const node = nodeOfKey(key);
    let group = groups.get(node);
    if (!group) groups.set(node, (group = { node, mapped: key !== node, places: [], items: 0 }));
    group.places.push(place);
  });
  return [...groups.values()];
};

/** What the steps of each generator have yielded by now, together. */
const itemsByNode = ({ rare }: StepColumns): Map<string, number> => {
  const items = new Map<string, number>();
  for (const [key, yielded] of Object.entries(rare.items))
    items.set(nodeOfKey(key), (items.get(nodeOfKey(key)) ?? 0) + yielded);
  return items;
};

/** Keys below generators, outermost first. */
export const pathOf = (key: string): string[] => parseStepKey(key)?.path ?? [];

/** When a step first appears in the timeline; NaN: it never does. */
export const beginOf = ({ ready, queued, started, ended }: StepColumns, place: number): number => {
  const times = [ready[place]!, queued[place]!, started[place]!, ended[place]!].filter((at) => !Number.isNaN(at));
  return times.length === 0 ? NaN : Math.min(...times);
};

/** From start to end, or to `now`; NaN: it has not started. */
export const durationOf = ({ started, ended }: StepColumns, place: number, now: number): number =>
  (Number.isNaN(ended[place]!) ? now : ended[place]!) - started[place]!;

/** The value below which that share of the sorted values lies (nearest rank); null: there are none. */
export const quantile = (sorted: Float64Array, share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;

/** Figures of a group. Times are ms since the run's creation. */
export interface GroupFigures {
  node: string;
  mapped: boolean;
  count: number;
  /** Items that were yielded and have no step yet: they wait with the run's owner. Their steps are not among `count`. */
  held_back: number;
  counts: Partial<Record<StepStatus, number>>;
  retried: number;
  lost: number;
  p50_ms: number | null;
  p95_ms: number | null;
  max_ms: number | null;
  start: number | null;
  /** null: not all of it has ended. */
  end: number | null;
}

export const figuresOf = (columns: StepColumns, { node, mapped, places, items }: Group): GroupFigures => {
  const counts: GroupFigures["counts"] = {};
  let [start, end, retried, lost] = [Infinity, -Infinity, 0, 0];
  const durations: number[] = [];
  for (const place of places) {
    const status = columns.statuses[place]!;
    counts[status] = (counts[status] ?? 0) + 1;
    const begin = beginOf(columns, place);
    if (begin < start) start = begin;
    const ended = columns.ended[place]!;
    if (!stepHasEnded(status)) end = Infinity;
    else if (ended > end) end = ended;
    if (columns.attempts[place]! > 1) retried++;
    if (columns.lost[place]! > 0) lost++;
    if (status === "SUCCESS") durations.push(ended - columns.started[place]!);
  }
  const sorted = Float64Array.from(durations.filter((ms) => !Number.isNaN(ms))).sort();
  return {
    ...{ node, mapped, count: places.length, counts, retried, lost },
    held_back: Math.max(0, items - places.length),
    ...{ p50_ms: quantile(sorted, 0.5), p95_ms: quantile(sorted, 0.95), max_ms: sorted.at(-1) ?? null },
    start: Number.isFinite(start) ? start : null,
    end: Number.isFinite(end) ? end : null,
  };
};
