import { sourcesOf } from "../../steps/critical-path";
import type { Steps } from "../../steps/steps";

/** How many nodes one must pass to come to each: the longest way. */
export const depthsOf = (steps: Steps): number[] => {
  const depths = new Array<number>(steps.nodes.length).fill(-1);
  const depthOf = (node: number): number => {
    if (depths[node]! >= 0) return depths[node]!;
    depths[node] = 0;
    const sources = sourcesOf(steps, steps.nodes[node]!);
    return (depths[node] = sources.length === 0 ? 0 : 1 + Math.max(...sources.map(depthOf)));
  };
  steps.nodes.forEach((_, node) => depthOf(node));
  return depths;
};
