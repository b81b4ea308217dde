import type { Steps } from "./steps";

/**
 * Items of a node of which no step has a row yet: they wait for a place with the run's owner, and are known by number
 * alone. Below nested generators: of what has been yielded by now.
 */
export const heldBack = (steps: Steps, node: number): number => {
  const generator = steps.nodeOf(steps.nodes[node]!.scope.at(-1) ?? "");
  if (generator === undefined) return 0;
  const yielded = steps.members[generator]!.reduce((sum, step) => sum + (steps.items.get(step) ?? 0), 0);
  return Math.max(0, yielded - steps.members[node]!.length);
};
