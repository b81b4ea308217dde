import type { Plan, PlanNode } from "../core/plan";
import type { Selection } from "../core/records";
import type { Run } from "../core/run";
import { notSelected } from "../core/run";
import { stepKey } from "../core/step-key";

/** Parts of a graph that run again: each the instances of a node whose keys start with a path. By `node[key][…`. */
export type Area = Map<string, Selection>;

const placeOf = (node: PlanNode, path: readonly string[]): string => stepKey(node.spec.name, path);

/** True where an instance lies in the area. */
export const encloses = (area: Area, node: PlanNode, path: readonly string[]): boolean => {
  for (let depth = 0; depth <= path.length; depth++) if (area.has(placeOf(node, path.slice(0, depth)))) return true;
  return false;
};

/**
 * The area of the given parts. `follow`: and of everything behind them: readers, collectors and, behind a generator,
 * what its items make. The way is by nodes and paths, not by instances: new items may come.
 */
export const areaBehind = (plan: Plan, parts: readonly Selection[], { follow }: { follow: boolean }): Area => {
  const area: Area = new Map();
  const open = parts.map(({ node, path }) => ({ node: plan.nodes.get(node)!, path }));
  for (let part = open.pop(); part; part = open.pop()) {
    const { node, path } = part;
    if (encloses(area, node, path)) continue;
    area.set(placeOf(node, path), { node: node.spec.name, path });
    if (!follow) continue;
    for (const next of following(plan, node)) open.push({ node: next, path: path.slice(0, next.scope.length) });
  }
  return area;
};

const followers = new WeakMap<PlanNode, PlanNode[]>();
const following = (plan: Plan, node: PlanNode): PlanNode[] => {
  let found = followers.get(node);
  if (!found) {
    const children = node.spec.dynamic ? [...plan.nodes.values()].filter(({ scope }) => scope.includes(node)) : [];
    followers.set(node, (found = [...node.readers, ...node.collectors, ...children]));
  }
  return found;
};

/**
 * What of an ended run is to run again: the steps that failed, were canceled, skipped for a failure or never came to
 * run, and everything behind them. A step without input (NO_OUTPUT) is none: it would be skipped again.
 */
export const failedArea = (run: Run): Area => {
  const roots: Selection[] = [];
  for (const { node, path, status, skipReason } of run.steps.values()) {
    const done = status === "SUCCESS" || (status === "SKIPPED" && skipReason !== "UPSTREAM_FAILED");
    if (!done && !notSelected(run, node, path)) roots.push({ node: node.spec.name, path: [...path] });
  }
  const area = areaBehind(run.plan, roots, { follow: true });
  // Of a re-execution of chosen steps, what was not chosen stays as its parent had it.
  for (const [place, { node, path }] of area) if (notSelected(run, run.plan.nodes.get(node)!, path)) area.delete(place);
  return area;
};
