import type { StepError } from "./errors";
import type { Plan, PlanNode } from "./plan";
import type { RunRecord } from "./records";
import type { RunEvent } from "./run-events";
import type { RunFailureReason, RunStatus, SkipReason, StepStatus } from "./status";
import { stepHasEnded } from "./status";
import { stepKey } from "./step-key";

/** A run as its actor holds it: counters and states, no outputs. Only `transition` alters it. */
export interface Run {
  readonly record: RunRecord;
  readonly plan: Plan;
  status: RunStatus;
  admittedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  failureReason: RunFailureReason | null;
  error: StepError | null;
  /** Number of the last event. */
  seq: number;
  readonly steps: Map<string, Step>;
  /** Instances that have not ended. More appear only while a generator is among them. */
  open: number;
  succeeded: number;
  failed: number;
  /** Steps whose failure fails the run. */
  failedSteps: string[];
  /** How the run shall end once nothing is under way: set by a cancel or a deadline. */
  ending: "CANCELED" | "MAX_RUNTIME" | "START_TIMEOUT" | null;
  /** The job hook of the ended run, while it has not ended. */
  hook: Step | null;
}

/** One instance of a node. */
export interface Step {
  readonly key: string;
  readonly node: PlanNode;
  readonly path: readonly string[];
  status: StepStatus;
  /** Edges whose source has not ended. */
  waiting: number;
  /** True: its inputs are there and no dispatch is out; the owner may dispatch it. */
  ready: boolean;
  /** True: a dispatch with `fence` is out, and its reports count. */
  dispatched: boolean;
  attempt: number;
  lost: number;
  fence: number;
  worker: string | null;
  /** Of the worker's slots the one in which it runs or ran last, as `process.slot`; null: none, or not told. */
  slot: string | null;
  readyAt: number | null;
  queuedAt: number | null;
  /** When the latest try that has started did; later starts are restarts. */
  startedAt: number | null;
  endedAt: number | null;
  retryAt: number | null;
  skipReason: SkipReason | null;
  /** Names of outputs that did not come; null: all came, or it has not ended. */
  missing: ReadonlySet<string> | null;
  reusedFrom: string | null;
  /** Time of the latest progress told of this dispatch. */
  progressAt: number;
  readonly fan: Fan | null;
}

/** What a generator's instance has yielded. */
export interface Fan {
  /** Item keys in order of first commit, each with the fence that yielded it last. */
  readonly keys: Map<string, number>;
  /** Items yielded under the current fence; after a rebuild, all that are committed. */
  seen: number;
  /** Its success, while it waits for items: they may arrive after it. */
  success: Extract<RunEvent, { type: "SUCCEEDED" }> | null;
  /** Of each node that is collected over this generator. */
  readonly tallies: Map<PlanNode, Tally>;
}
export interface Tally {
  ended: number;
  failed: number;
  skipped: number;
  /** Successes without an optional output, by output. */
  missing: Map<string, number>;
}

export const newStep = (node: PlanNode, path: readonly string[]): Step => ({
  key: stepKey(node.spec.name, path),
  node,
  path,
  status: "PENDING",
  waiting: 0,
  ready: false,
  dispatched: false,
  attempt: 1,
  lost: 0,
  fence: 0,
  worker: null,
  slot: null,
  readyAt: null,
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  retryAt: null,
  skipReason: null,
  missing: null,
  reusedFrom: null,
  progressAt: 0,
  fan: node.spec.dynamic ? { keys: new Map(), seen: 0, success: null, tallies: new Map() } : null,
});

/** The instance of a node at the given keys (or at the outermost of them that it has). */
export const instance = (run: Run, node: PlanNode, path: readonly string[]): Step | undefined =>
  run.steps.get(stepKey(node.spec.name, node.scope.length < path.length ? path.slice(0, node.scope.length) : path));

/** All instances of a node below the given keys, as far as they are there yet, in the order of the generators' items. */
export const instancesBelow = (run: Run, node: PlanNode, path: readonly string[]): Iterable<Step> => {
  // A generator costs more than all the rest here, and mostly there is one instance.
  if (node.scope.length > path.length) return unfoldedBelow(run, node, path);
  const step = run.steps.get(stepKey(node.spec.name, path));
  return step ? [step] : [];
};

function* unfoldedBelow(run: Run, node: PlanNode, path: readonly string[]): Generator<Step> {
  const generator = node.scope[path.length]!;
  const fan = run.steps.get(stepKey(generator.spec.name, path))?.fan;
  if (fan) for (const key of fan.keys.keys()) yield* instancesBelow(run, node, [...path, key]);
}

/** True where a re-execution's selection leaves the step out. */
export const notSelected = (run: Run, node: PlanNode, path: readonly string[]): boolean =>
  run.record.selection !== null &&
  !run.record.selection.some(
    (selected) => selected.node === node.spec.name && selected.path.every((key, i) => path[i] === key),
  );

/** Counts an ended step for those who collect its node; returns the generator that they collect over. */
export const countForCollects = (run: Run, step: Step): Step | undefined => {
  if (step.node.collectors.length === 0) return undefined;
  const generator = instance(run, step.node.scope.at(-1)!, step.path)!;
  const tallies = generator.fan!.tallies;
  let tally = tallies.get(step.node);
  if (!tally) tallies.set(step.node, (tally = { ended: 0, failed: 0, skipped: 0, missing: new Map() }));
  tally.ended++;
  if (step.status === "SKIPPED" && step.skipReason !== "UPSTREAM_FAILED") tally.skipped++;
  else if (step.status !== "SUCCESS") tally.failed++;
  for (const output of step.missing ?? []) tally.missing.set(output, (tally.missing.get(output) ?? 0) + 1);
  return generator;
};

/** True once a generator's instance and all instances of `node` for its items have ended. */
export const collectIsSettled = (generator: Step, node: PlanNode): boolean =>
  stepHasEnded(generator.status) && (generator.fan!.tallies.get(node)?.ended ?? 0) === generator.fan!.keys.size;
