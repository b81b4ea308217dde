import { counted } from "../../parts/format";
import type { StepPair } from "./pairs";
import type { Side } from "./side";

export const areOfTwoJobs = (a: Side, b: Side): boolean => a.run.job !== b.run.job;

const opsOf = ({ timeline }: Side): Set<string> => new Set(timeline.groups.node);

/** Steps of ops that both jobs have, by name: what one of them has alone tells nothing about the other. */
export const sharedPairs = (a: Side, b: Side, pairs: readonly StepPair[]): StepPair[] => {
  const [inA, inB] = [opsOf(a), opsOf(b)];
  return pairs.filter(({ node }) => inA.has(node) && inB.has(node));
};

/** What one may say of runs that are not of one kind. */
export const verdictOfTwoJobs = (a: Side, b: Side): string => `A is a run of ${a.run.job}, B of ${b.run.job}.`;

/** What of them can be compared at all. */
export const groundOfTwoJobs = (a: Side, b: Side): string => {
  const [inA, inB] = [opsOf(a), opsOf(b)];
  const shared = [...inA].filter((name) => inB.has(name)).length;
  if (shared === 0) return "They have no op in common: what differs is told of the runs as a whole.";
  const alone = [inA, inB].map((ops) => ops.size - shared);
  return `${counted(shared, "op")} of the same name ${shared === 1 ? "is" : "are"} compared; ${alone[0]} only in A and ${alone[1]} only in B ${alone[0]! + alone[1]! === 1 ? "is" : "are"} left out.`;
};
