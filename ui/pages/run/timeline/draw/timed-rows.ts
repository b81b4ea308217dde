import { outliersOf, type Reason } from "../../steps/figures";
import type { Moment } from "../../steps/past-state";
import { isFiltering, type StepFilter } from "../../steps/step-filter";
import { CODE, type Steps } from "../../steps/steps";
import { Rows } from "./rows";

/** So many children stand one by one; of a larger group only those that are worth it. */
const ONE_BY_ONE = 12;

/** In which the steps of an open group may stand. */
export const ORDERS = ["key", "start", "duration", "status", "worker"] as const;
export type Order = (typeof ORDERS)[number];

export interface RowOptions {
  filter: StepFilter;
  /** Nodes whose group is open. */
  open: ReadonlySet<string>;
  order: Order;
  /** Names stand above what is drawn. */
  stacked: boolean;
}

/** Rows in the order of the graph: steps, and groups with what is worth a row of its own beneath them. */
export const timedRows = (
  steps: Steps,
  moment: Moment,
  { filter, open, order, stacked }: RowOptions,
): { rows: Rows; reasons: ReadonlyMap<number, Reason> } => {
  const rows = new Rows(stacked);
  const reasons = new Map<number, Reason>();
  const fits = fitsOf(steps, moment, filter);
  steps.nodes.forEach(({ name, scope }, node) => {
    const members = steps.members[node]!;
    const shown = isFiltering(filter) ? members.filter(fits) : members;
    if (members.length === 0) {
      if (fitsNode(name, filter)) rows.add("node", node);
    } else if (scope.length === 0 || members.length <= ONE_BY_ONE) {
      for (const step of ordered(steps, shown, moment, "key")) rows.add("step", step, scope.length > 0 ? 1 : 0);
    } else if (shown.length > 0 || !isFiltering(filter)) {
      rows.add("group", node);
      if (open.has(name) || (isFiltering(filter) && shown.length <= ONE_BY_ONE))
        for (const step of ordered(steps, shown, moment, order)) rows.add("step", step, 1);
      else lift(rows, reasons, { node, shown, found: outliersOf(steps, shown, moment) });
    }
  });
  return { rows, reasons };
};

const lift = (
  rows: Rows,
  reasons: Map<number, Reason>,
  { node, shown, found }: { node: number; shown: readonly number[]; found: Map<number, Reason> },
): void => {
  if (found.size > 0) rows.add("section", node);
  for (const [step, reason] of found) {
    reasons.set(step, reason);
    rows.add("step", step, 1);
  }
  if (shown.length > found.size) rows.add("more", node);
};

/** Every step on a row of its own, in the order in which they began. */
export const flatRows = (steps: Steps, moment: Moment, { filter, stacked }: RowOptions): Rows => {
  const rows = new Rows(stacked);
  const all = Array.from({ length: steps.count }, (_, step) => step).filter(fitsOf(steps, moment, filter));
  for (const step of ordered(steps, all, moment, "start")) rows.add("step", step);
  steps.nodes.forEach(({ name }, node) => {
    if (steps.members[node]!.length === 0 && fitsNode(name, filter)) rows.add("node", node);
  });
  return rows;
};

const fitsNode = (name: string, { text, statuses }: StepFilter): boolean =>
  (statuses.length === 0 || statuses.includes("PENDING")) && name.toLowerCase().includes(text);

/** Whether a step is one of those that are looked for. */
export const fitsOf = (
  steps: Steps,
  { status }: Moment,
  { text, statuses }: StepFilter,
): ((step: number) => boolean) => {
  const codes = new Set(statuses.map((name) => CODE[name]));
  return (step) =>
    (codes.size === 0 || codes.has(status[step]!)) &&
    (text === "" ||
      steps.keys[step]!.toLowerCase().includes(text) ||
      (steps.workerOf(step)?.toLowerCase().includes(text) ?? false));
};

const natural = new Intl.Collator("en", { numeric: true });
/** Worst first. */
const RANK: readonly number[] = [6, 4, 2, 1, 5, 0, 7, 8];

/** Keys that are numbers by their value: a collator takes 60 ms for ten thousand of them. */
const byKey = (steps: Steps, of: readonly number[]): ((a: number, b: number) => number) => {
  const numbers = new Map(of.map((step) => [step, Number(/^[^[]*\[(\d+)\]$/.exec(steps.keys[step]!)?.[1] ?? NaN)]));
  return (a, b) => numbers.get(a)! - numbers.get(b)! || natural.compare(steps.keys[a]!, steps.keys[b]!);
};

/** Steps in an order that is asked for. */
export const ordered = (steps: Steps, of: readonly number[], moment: Moment, order: Order): number[] => {
  const { at, status } = moment;
  const took = (step: number): number => (steps.ended[step]! || at) - steps.started[step]! || -1;
  const begun = (step: number): number => steps.started[step]! || steps.queued[step]! || steps.ready[step]! || Infinity;
  const by: Record<Order, (a: number, b: number) => number> = {
    key: byKey(steps, of),
    start: (a, b) => begun(a) - begun(b) || a - b,
    duration: (a, b) => took(b) - took(a) || a - b,
    status: (a, b) => RANK[status[a]!]! - RANK[status[b]!]! || a - b,
    worker: (a, b) => natural.compare(steps.workerOf(a) ?? "~", steps.workerOf(b) ?? "~") || begun(a) - begun(b),
  };
  return [...of].sort(by[order]);
};
