import type { GraphNode } from "../../../../client";
import type { Forecast } from "./forecast";
import type { Moment } from "./past-state";
import { CODE, type Steps } from "./steps";

/** For the run's admission, for its owner to send a step out, for a slot, for the time of a retry. */
export type Wait = "admission" | "dispatch" | "slot" | "retry";

/** A stretch of what the run's end waited for. Times are ms since the run's creation. */
export interface Stretch {
  /** `rest`: a guess. */
  kind: "ran" | Wait | "rest";
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
    for (const { waits, from, to } of triesOf(steps, link, moment)) {
      if (at === 0) waits.unshift(["admission", steps.ready[link]!]);
      for (const [kind, until] of waits) {
        if (!(Math.min(until, from) > at)) continue;
        stretches.push({ kind, step: link, from: at, to: Math.min(until, from) });
        at = Math.min(until, from);
      }
      if (to > Math.max(at, from)) stretches.push({ kind: "ran", step: link, from: Math.max(at, from), to });
      at = Math.max(at, to, from);
    }
  return stretches;
};

/** The path, with what is still to come of a run that goes on. */
export const withRest = (path: Stretch[], forecast: Forecast | null): Stretch[] => {
  const at = path.at(-1)?.to;
  if (!forecast || at === undefined || !(forecast.end > at)) return path;
  return [...path, { kind: "rest", step: null, from: at, to: forecast.end }];
};

interface Try {
  /** What it waited for, and until when, in order; NaN: it did not. */
  waits: [Wait, number][];
  from: number;
  to: number;
}

/** When a step ran, also when that came to nothing; one that waits: the moment. */
const triesOf = (steps: Steps, step: number, { at }: Moment): Try[] => {
  const past = (steps.past.get(step) ?? []).filter(({ ended }) => ended <= at);
  const started = steps.started[step]!;
  const last = started <= at ? { from: started, to: Math.min(steps.ended[step]! || at, at) } : { from: at, to: at };
  const own = { queued: steps.queued[step]!, ...last };
  const tries = [...past.map(({ queued, started, ended }) => ({ queued, from: started || ended, to: ended })), own];
  return tries.map(({ queued, from, to }, i) => {
    const before: Wait = past[i - 1]?.outcome === "FAILURE" ? "retry" : "dispatch";
    const waits: [Wait, number][] =
      queued <= from
        ? [
            [before, queued],
            ["slot", from],
          ]
        : [[before, from]];
    return { waits, from, to };
  });
};

const lastOf = (steps: Steps, { status, at }: Moment): number | null => {
  let open: number | null = null;
  let last: number | null = null;
  for (let step = 0; step < steps.count; step++) {
    const code = status[step]!;
    if (code === CODE.STARTED || code === CODE.UP_FOR_RETRY || code === CODE.QUEUED) {
      if (open === null || since(steps, step) < since(steps, open)) open = step;
    } else if (steps.started[step]! <= at && (last === null || isLater(steps, step, last))) last = step;
  }
  return open ?? last;
};

/** Within one millisecond what stands behind in the graph was the last. */
const isLater = (steps: Steps, step: number, than: number): boolean =>
  steps.ended[step]! > steps.ended[than]! ||
  (steps.ended[step] === steps.ended[than] && steps.node[step]! > steps.node[than]!);

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
