import type { StepStatus } from "../../../client";
import { count, counted } from "../../parts/format";
import { keyParts } from "../../parts/key-parts";
import { alike } from "./alike";
import type { Side } from "./side";

export interface StepPair {
  key: string;
  node: string;
  /** An op with its steps; `a` and `b` are their p50. */
  group: boolean;
  statusA: StepStatus | null;
  statusB: StepStatus | null;
  a: number | null;
  b: number | null;
  note: string;
  differs: boolean;
}

/** Ops in the order of B's graph, each followed by its steps, the largest difference first. */
export const pairsOf = (a: Side, b: Side): StepPair[] => {
  const [stepsA, stepsB] = [byKey(a), byKey(b)];
  const keys = new Set([...stepsA.keys(), ...stepsB.keys()]);
  const nodes = [...new Set([...b.timeline.groups.node, ...a.timeline.groups.node])];
  const children = new Map<string, StepPair[]>(nodes.map((node) => [node, []]));
  const whole = wholeGroups(a, b);
  for (const key of keys) {
    const node = keyParts(key).name;
    const [inA, inB] = [stepsA.get(key), stepsB.get(key)];
    // Of a large op only what stands out is known: that a step is not among that says nothing.
    if ((!inA || !inB) && !whole.has(node)) continue;
    children.get(node)?.push(pairOf(key, node, inA, inB));
  }
  return nodes.flatMap((node) => {
    const steps = children.get(node)!.sort((x, y) => change(y) - change(x));
    return steps.length === 1 && steps[0]!.key === node ? steps : [groupOf(a, b, node), ...steps];
  });
};

interface StepSeen {
  status: StepStatus;
  ms: number | null;
  error: string | null;
}

const byKey = ({ steps }: Side): Map<string, StepSeen> =>
  new Map(
    steps.key.map((key, i) => {
      const [started, ended] = [steps.started[i]!, steps.ended[i]!];
      const ms = started === null || ended === null ? null : ended - started;
      return [key, { status: steps.status[i]!, ms, error: steps.error[i]! }];
    }),
  );

/** Ops all of whose steps are known on both sides. */
const wholeGroups = (a: Side, b: Side): Set<string> => {
  const lacking = [a, b].flatMap(({ timeline: { groups }, steps }) => {
    const known = new Map<string, number>();
    for (const key of steps.key) {
      const { name } = keyParts(key);
      known.set(name, (known.get(name) ?? 0) + 1);
    }
    return groups.node.filter((node, i) => groups.count[i]! > (known.get(node) ?? 0));
  });
  return new Set([...a.timeline.groups.node, ...b.timeline.groups.node].filter((node) => !lacking.includes(node)));
};

const pairOf = (key: string, node: string, a: StepSeen | undefined, b: StepSeen | undefined): StepPair => {
  const note = !a
    ? "only in B"
    : !b
      ? "only in A"
      : a.error !== b.error
        ? b.error
          ? `${firstOf(b.error)} in B`
          : `${firstOf(a.error!)} in A`
        : "";
  const pair = { key, node, group: false, a: a?.ms ?? null, b: b?.ms ?? null, note };
  const [statusA, statusB] = [a?.status ?? null, b?.status ?? null];
  return { ...pair, statusA, statusB, differs: statusA !== statusB || !alike(pair.a, pair.b) || note !== "" };
};

const firstOf = (error: string): string => error.split(/[:\n]/)[0]!.slice(0, 60);

const groupOf = (a: Side, b: Side, node: string): StepPair => {
  const [inA, inB] = [figures(a, node), figures(b, node)];
  const note = inA.count === inB.count ? "" : `${count(inA.count)} → ${counted(inB.count, "step")}`;
  return {
    ...{ key: node, node, group: true, statusA: inA.status, statusB: inB.status, a: inA.p50, b: inB.p50, note },
    differs: inA.status !== inB.status || note !== "" || !alike(inA.p50, inB.p50),
  };
};

const WORST: readonly StepStatus[] = ["FAILURE", "STARTED", "UP_FOR_RETRY", "QUEUED", "CANCELED", "SUCCESS", "SKIPPED"];
const figures = ({ timeline: { groups } }: Side, node: string) => {
  const at = groups.node.indexOf(node);
  if (at < 0) return { count: 0, p50: null, status: null };
  const status = WORST.find((one) => (groups.counts[one]?.[at] ?? 0) > 0) ?? null;
  return { count: groups.count[at]!, p50: groups.p50_ms[at]!, status };
};

export const change = ({ a, b, statusA, statusB }: StepPair): number =>
  (statusA !== statusB ? 1e12 : 0) + Math.abs((b ?? 0) - (a ?? 0));
