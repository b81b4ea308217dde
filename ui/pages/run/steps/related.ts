import { sourcesOf } from "./critical-path";
import type { Steps } from "./steps";

/** What a step stands on, and what stands on it: itself, ancestors and descendants. */
export const relatedOf = (steps: Steps, step: number): Set<number> => {
  const nodes = relatedNodes(steps, steps.node[step]!);
  const own = pathOf(steps.keys[step]!);
  const related = new Set<number>([step]);
  for (const node of nodes)
    for (const other of steps.members[node]!) {
      const path = pathOf(steps.keys[other]!);
      // Of a mapped step only what hangs on the same item.
      if (path.every((part, depth) => own[depth] === undefined || own[depth] === part)) related.add(other);
    }
  return related;
};

/** Ancestors and descendants of a node, without itself. */
export const relatedNodes = (steps: Steps, node: number): Set<number> => {
  const sources = steps.nodes.map((one) => sourcesOf(steps, one));
  const found = new Set<number>();
  const walk = (from: number, next: (of: number) => readonly number[]): void => {
    for (const other of next(from))
      if (!found.has(other)) {
        found.add(other);
        walk(other, next);
      }
  };
  walk(node, (of) => sources[of]!);
  walk(node, (of) => sources.flatMap((list, other) => (list.includes(of) ? [other] : [])));
  found.delete(node);
  return found;
};

const pathOf = (key: string): string[] => key.match(/\[[^\]]*\]/g) ?? [];
