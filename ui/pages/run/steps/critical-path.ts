import type { GraphNode } from "../../../../client";
import type { Moment } from "./past-state";
import { CODE, type Steps } from "./steps";

/** A stretch of what the run's end waited for. Times are ms since the run's creation. */
export interface Stretch {
  /** `wait`: for a slot, or for a retry; `rest`: a guess. */
  kind: "ran" | "wait" | "rest";
  step: number | null;
  from: number;
  to: number;
}

/**
 * The chain of steps that ends with the run, on the time axis and without gaps: from the step that ended last (while
 * the run goes on: the one that has been open longest) back to that source of each which was there last.
 */
export const criticalPath = (steps: Steps, moment: Moment): Stretch[] => {
  const chain: number[] = [];
  let step = lastOf(steps, moment);
  while (step !== null && !chain.includes(step)) {
    chain.unshift(step);
    step = sourceOf(steps, step, moment);
  }
  const stretches: Stretch[] = [];
  let at = 0;
  for (const link of chain)
    for (const { from, to } of triesOf(steps, link, moment)) {
      if (from > at) stretches.push({ kind: "wait", step: link, from: at, to: from });
      if (to > Math.max(at, from)) stretches.push({ kind: "ran", step: link, from: Math.max(at, from), to });
      at = Math.max(at, to, from);
    }
  return stretches;
};

/** When a step ran, also when that came to nothing; one that waits: the moment. */
const triesOf = (steps: Steps, step: number, { at }: Moment): { from: number; to: number }[] => {
  const tries = (steps.past.get(step) ?? []).map(({ started, ended }) => ({ from: started || ended, to: ended }));
  const started = steps.started[step]!;
  const last = started <= at ? { from: started, to: Math.min(steps.ended[step]! || at, at) } : { from: at, to: at };
  return [...tries.filter(({ to }) => to <= at), last];
};

const lastOf = (steps: Steps, { status, at }: Moment): number | null => {
  let open: number | null = null;
  let last: number | null = null;
  for (let step = 0; step < steps.count; step++) {
    const code = status[step]!;
    if (code === CODE.STARTED || code === CODE.UP_FOR_RETRY || code === CODE.QUEUED) {
      if (open === null || since(steps, step) < since(steps, open)) open = step;
    } else if (steps.started[step]! <= at && (last === null || steps.ended[step]! > steps.ended[last]!)) last = step;
  }
  return open ?? last;
};

/** Those that run come before those that wait: they are what is waited for. */
const since = (steps: Steps, step: number): number =>
  steps.started[step]! || 1e15 + (steps.queued[step]! || steps.ready[step]!);

/** That source of a step which was there last; null: it had none. */
const sourceOf = (steps: Steps, step: number, { at }: Moment): number | null => {
  const node = steps.nodes[steps.node[step]!]!;
  const path = pathOf(steps.keys[step]!);
  let last: number | null = null;
  for (const source of sourcesOf(steps, node)) {
    const depth = Math.min(steps.nodes[source]!.scope.length, path.length);
    const prefix = depth === 0 ? "" : `${steps.nodes[source]!.name}${path.slice(0, depth).join("")}`;
    for (const other of candidates(steps, source, prefix, node.scope.length)) {
      if (!(steps.ended[other]! <= at) && node.scope.length <= steps.nodes[source]!.scope.length) continue;
      if (other !== step && (last === null || endOf(steps, other) > endOf(steps, last))) last = other;
    }
  }
  return last;
};

/** Of a generator that goes on, what counts is that it has begun. */
const endOf = (steps: Steps, step: number): number => steps.ended[step]! || steps.started[step]! || 0;

const candidates = (steps: Steps, source: number, prefix: string, depth: number): readonly number[] => {
  const members = steps.members[source]!;
  if (prefix === "") return members;
  // As deep as the step itself or less: one step; deeper: all below.
  if (steps.nodes[source]!.scope.length <= depth) {
    const one = steps.placeOf(prefix);
    return one === undefined ? [] : [one];
  }
  return members.filter((member) => steps.keys[member]!.startsWith(prefix));
};

/** Nodes that a node reads from, waits for, or stands below. */
export const sourcesOf = (steps: Steps, { inputs, after, scope }: GraphNode): number[] => {
  const names = [...inputs.flatMap(({ sources }) => sources.map(({ node }) => node)), ...after, ...scope.slice(-1)];
  return [...new Set(names)].flatMap((name) => steps.nodeOf(name) ?? []);
};

/** `["[3]", "[1]"]` of `work[3][1]` */
const pathOf = (key: string): string[] => key.match(/\[[^\]]*\]/g) ?? [];
