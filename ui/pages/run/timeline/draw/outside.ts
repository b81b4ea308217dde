import { counted } from "../../../../parts/format";
import { heldBack } from "../../steps/held-back";
import type { Moment } from "../../steps/past-state";
import { CODE, type Steps } from "../../steps/steps";
import { type RowKind, Rows } from "./rows";
import type { Span } from "./scale";

/** Where something lies that is nowhere in view: `outside` rows stand for all on one side. */
export const SIDES = ["before", "after"] as const;
export type Side = (typeof SIDES)[number];

/** What lies on one side of the view. */
interface Apart {
  count: number;
  /** Of these, what has failed. */
  failed: number;
}

export interface Outside extends Record<Side, Apart> {
  unit: "op" | "step";
}

interface Folding {
  steps: Steps;
  moment: Moment;
  /** What is in view. */
  brush: Span;
  /** Whether all rows of an op go together, or each step has its own. */
  unit: Outside["unit"];
  /** Show what lies outside, below the rows that stand for it. */
  open: boolean;
}

/** One row is no shorter than the row that would stand for it. */
const LEAST_ROWS = 2;

/**
 * Puts one row in the place of those whose ops had ended before the view, and one for those that begin after it, as long
 * as something is in view.
 */
export const foldOutside = (rows: Rows, folding: Folding): { rows: Rows; outside: Outside } => {
  const { unit, open } = folding;
  const sideOf = unit === "op" ? sidesOfOps(folding) : (step: number): Side | null => sideOfSteps(folding, [step]);
  const apart: Record<Side, number[]> = { before: [], after: [] };
  const outside: Outside = { unit, before: { count: 0, failed: 0 }, after: { count: 0, failed: 0 } };
  let last = -1;
  for (let row = 0; row < rows.count; row++) {
    const what = whatOf(rows.kind(row), rows.ref(row), folding);
    const side = what === null ? null : sideOf(what);
    if (what === null || side === null) continue;
    apart[side].push(row);
    if (what === last) continue;
    last = what;
    outside[side].count++;
    if (hasFailed(folding, what)) outside[side].failed++;
  }
  const folds = SIDES.filter((side) => apart[side].length >= LEAST_ROWS);
  const away = new Set(folds.flatMap((side) => apart[side]));
  if (away.size === 0 || away.size === rows.count) return { rows, outside };
  const folded = new Rows(rows.stacked);
  const put = (row: number): void => folded.add(rows.kind(row), rows.ref(row), rows.indent(row));
  const putSide = (side: Side): void => {
    if (!folds.includes(side)) return;
    folded.add("outside", SIDES.indexOf(side));
    if (open) apart[side].forEach(put);
  };
  putSide("before");
  for (let row = 0; row < rows.count; row++) if (!away.has(row)) put(row);
  putSide("after");
  return { rows: folded, outside };
};

/** Such a row, for people. */
export const outsideWords = (outside: Outside, side: Side): string => {
  const what = counted(outside[side].count, outside.unit);
  return side === "before" ? `${what} ended before this view` : `${what} begin after this view`;
};

/** The op or the step that a row is of; null: it is of none. */
const whatOf = (kind: RowKind, ref: number, { unit, steps }: Folding): number | null => {
  if (kind === "step") return unit === "step" ? ref : steps.node[ref]!;
  return unit === "op" ? ref : null;
};

const sidesOfOps = (folding: Folding): ((node: number) => Side | null) => {
  const { steps } = folding;
  const sides = steps.nodes.map((_, node) => {
    const side = sideOfSteps(folding, steps.members[node]!);
    // What its generators will yield yet is to come.
    return side === "before" && !isWhole(steps, node) ? null : side;
  });
  return (node) => sides[node]!;
};

const isWhole = (steps: Steps, node: number): boolean =>
  heldBack(steps, node) === 0 &&
  steps.nodes[node]!.scope.every((name) =>
    steps.members[steps.nodeOf(name) ?? -1]?.every((generator) => steps.ended[generator]! >= 0),
  );

/** Where all of these lie; null: not all on one side, or it is not known. */
const sideOfSteps = ({ steps, brush }: Folding, of: readonly number[]): Side | null => {
  if (of.length === 0) return null;
  if (of.every((step) => steps.ended[step]! < brush.from)) return "before";
  return of.every((step) => begunAt(steps, step) > brush.to) ? "after" : null;
};

/** From when on something of a step is drawn; NaN: it has no times. */
const begunAt = (steps: Steps, step: number): number => {
  const first = steps.past.get(step)?.[0];
  const known = [steps.ready[step]!, steps.queued[step]!, steps.started[step]!, first?.queued ?? NaN];
  const begun = Math.min(...known.map((time) => (Number.isNaN(time) ? Infinity : time)));
  return begun === Infinity ? NaN : begun;
};

const hasFailed = ({ steps, moment: { status }, unit }: Folding, what: number): boolean =>
  (unit === "step" ? [what] : steps.members[what]!).some((step) => status[step] === CODE.FAILURE);
