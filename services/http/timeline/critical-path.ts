import type { Plan, PlanEdge, PlanNode } from "../../../core/plan";
import { stepHasEnded } from "../../../core/status";
import { nodeOfKey, stepKey } from "../../../core/step-key";
import type { StepColumns } from "../../../store/queries/step-columns";
import { type Group, pathOf } from "./groups";

/** A step of the chain that the run's end waited for. Times are ms since the run's creation. */
export interface PathSegment {
  key: string;
  /** Since when nothing but the step itself was waited for. */
  from: number;
  /** When its last attempt began; null: it has not. */
  started: number | null;
  /** Up to here the run waited for it; null: it still does. */
  to: number | null;
}

/**
 * The chain of steps that ends with the run: from the step that ended last (or, while the run goes on, the one that has
 * been open longest) back to that source of each which was there last. What lies between two of them is waiting.
 */
export const criticalPath = (columns: StepColumns, plan: Plan, groups: readonly Group[]): PathSegment[] => {
  const members = new Map(groups.map(({ node, places }) => [node, places]));
  let place = lastOf(
    columns,
    groups.filter(({ node }) => plan.nodes.has(node)).flatMap(({ places }) => places),
  );
  const chain: number[] = [];
  while (place !== null) {
    chain.unshift(place);
    const key = columns.keys[place]!;
    const node = plan.nodes.get(nodeOfKey(key))!;
    const path = pathOf(key);
    const sources = edgesOf(node).flatMap((edge) => instancesOf(edge, path, { members, columns }));
    place = latest(columns, [...sources, ...enclosing(node, path, { members, columns })]);
  }
  return chain.map((step, position) => segmentOf(columns, step, chain[position + 1]));
};

const segmentOf = (columns: StepColumns, place: number, next: number | undefined): PathSegment => {
  const { ready, started, ended } = columns;
  const orNull = (at: number): number | null => (Number.isNaN(at) ? null : at);
  const from = orNull(ready[place]!) ?? orNull(started[place]!) ?? orNull(ended[place]!) ?? 0;
  const own = orNull(ended[place]!);
  // A generator's item may be taken up while the generator still runs.
  const to = next === undefined || own === null ? own : Math.min(own, orNull(ready[next]!) ?? own);
  return { key: columns.keys[place]!, from, started: orNull(started[place]!), to };
};

/**
 * Open steps are later than ended ones; of these, the one that is ready longest. Steps that did not run
 * here are passed over.
 */
const lastOf = (columns: StepColumns, places: readonly number[]): number | null => {
  const ran = places.filter((place) => columns.statuses[place] !== "SKIPPED" && !columns.reused[place]);
  const open = ran.filter((place) => !stepHasEnded(columns.statuses[place]!));
  if (open.length === 0) return latest(columns, ran);
  return open.reduce((first, place) => (columns.ready[place]! < columns.ready[first]! ? place : first));
};

const latest = (columns: StepColumns, places: readonly number[]): number | null => {
  let found: number | null = null;
  for (const place of places) {
    const ended = columns.ended[place]!;
    // Within one millisecond the later one in the graph's order was the last.
    if (!Number.isNaN(ended) && (found === null || ended >= columns.ended[found]!)) found = place;
  }
  return found;
};

const edgesOf = ({ inputs, after }: PlanNode): PlanEdge[] => [...inputs.flatMap(({ edges }) => edges), ...after];

interface Steps {
  members: Map<string, number[]>;
  columns: StepColumns;
}

const instancesOf = ({ source, kind }: PlanEdge, path: readonly string[], steps: Steps): number[] => {
  if (kind !== "collect") return instanceOf(source, path, steps);
  const all = steps.members.get(source.spec.name) ?? [];
  if (path.length === 0) return all;
  const prefix = `${stepKey(source.spec.name, path)}[`;
  return all.filter((place) => steps.columns.keys[place]!.startsWith(prefix));
};

const enclosing = ({ scope }: PlanNode, path: readonly string[], steps: Steps): number[] =>
  scope.flatMap((generator) => instanceOf(generator, path, steps));

const instanceOf = (node: PlanNode, path: readonly string[], { members, columns }: Steps): number[] => {
  const key = stepKey(node.spec.name, path.slice(0, node.scope.length));
  const place = members.get(node.spec.name)?.find((one) => columns.keys[one] === key);
  return place === undefined ? [] : [place];
};
