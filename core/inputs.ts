import type { PlanEdge, PlanInput } from "./plan";
import type { Run, Step } from "./run";
import { collectIsSettled, instance } from "./run";
import type { SkipReason } from "./status";
import { stepHasEnded } from "./status";

/** Counts the sources of a step that have not ended. */
export const countWaiting = (run: Run, step: Step): number => {
  let waiting = 0;
  for (const edge of step.node.waits) if (!isSettled(run, step, edge)) waiting++;
  return waiting;
};

/**
 * What shall become of a step whose sources have all ended: run, or be skipped and why.
 * A skipped input wins over a failed one; a list drops skipped sources and is skipped only if all were.
 */
export const verdict = (run: Run, step: Step): "ready" | SkipReason => {
  let failed = false;
  for (const input of step.node.inputs) {
    const state = inputState(run, step, input);
    if (state === "skipped") return "NO_OUTPUT";
    failed ||= state === "failed";
  }
  for (const edge of step.node.after) {
    const state = sourceState(run, step, edge, false);
    if (state === "skipped") return "NO_OUTPUT";
    failed ||= state === "failed";
  }
  return failed ? "UPSTREAM_FAILED" : "ready";
};

type SourceState = "value" | "skipped" | "failed";

const inputState = (run: Run, step: Step, input: PlanInput): SourceState => {
  let skipped = 0;
  let failed = false;
  for (const edge of input.edges) {
    const state = sourceState(run, step, edge, input.omitFailed);
    if (state === "skipped") skipped++;
    failed ||= state === "failed";
  }
  if (skipped > 0 && (!input.list || skipped === input.edges.length)) return "skipped";
  return failed ? "failed" : "value";
};

const isSettled = (run: Run, step: Step, edge: PlanEdge): boolean => {
  if (edge.kind === "collect") {
    return collectIsSettled(instance(run, edge.source.scope.at(-1)!, step.path)!, edge.source);
  }
  return stepHasEnded(instance(run, edge.source, step.path)!.status);
};

const sourceState = (run: Run, step: Step, edge: PlanEdge, omitFailed: boolean): SourceState => {
  if (edge.kind === "item") return "value";
  if (edge.kind !== "collect") return stepState(instance(run, edge.source, step.path)!, edge.output);
  const generator = instance(run, edge.source.scope.at(-1)!, step.path)!;
  const state = stepState(generator, null);
  if (state !== "value") return state;
  const tally = generator.fan!.tallies.get(edge.source);
  if (!tally) return "value";
  if (tally.failed > 0) return omitFailed ? "value" : "failed";
  const missing = edge.output === null ? 0 : (tally.missing.get(edge.output) ?? 0);
  return tally.skipped + missing === tally.ended ? "skipped" : "value";
};

const stepState = (source: Step, output: string | null): SourceState => {
  if (source.status === "SUCCESS") return output !== null && source.missing?.has(output) ? "skipped" : "value";
  return source.status === "SKIPPED" && source.skipReason !== "UPSTREAM_FAILED" ? "skipped" : "failed";
};
