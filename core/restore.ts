import { failureOf } from "./failure";
import { newHook } from "./hook";
import type { Plan, PlanNode } from "./plan";
import type { RestoredStep, RunRecord } from "./records";
import type { Run, Step } from "./run";
import { countForCollects, newStep } from "./run";
import { runHasEnded, stepHasEnded } from "./status";

/** What the database knows of a run's steps. */
export interface Recorded {
  steps: readonly RestoredStep[];
  /** In order of ordinal. */
  items: readonly { step: string; key: string }[];
}

/**
 * Builds a run's actor from its rows: of a new run, one that another owner had, or a re-execution that keeps steps
 * of its parent. Decides nothing: ADMITTED or RESUMED does.
 */
export const restoreRun = (record: RunRecord, plan: Plan, recorded: Recorded): Run => {
  const run: Run = {
    record,
    plan,
    status: record.status,
    admittedAt: record.admittedAt,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    failureReason: record.failureReason,
    error: null,
    seq: record.seq,
    steps: new Map(),
    open: 0,
    succeeded: 0,
    failed: 0,
    failedSteps: [],
    ending: record.status === "CANCELING" ? "CANCELED" : null,
    hook: null,
  };
  const rows = new Map(recorded.steps.map((row) => [row.step, row]));
  const keys = new Map<string, string[]>();
  for (const item of recorded.items) {
    const known = keys.get(item.step);
    if (known) known.push(item.key);
    else keys.set(item.step, [item.key]);
  }
  place(run, plan.top, [], rows, keys);
  for (const step of run.steps.values()) if (stepHasEnded(step.status)) countForCollects(run, step);
  if (run.status === "FAILURE") run.error = failureOf(run);
  restoreHook(run, rows);
  return run;
};

/**
 * The actor of a run whose ending was not written, as it stood before: to take the place of the ended one, which is
 * thrown away with its hook. `seq`: the number of the last event before the end.
 */
export const beforeItsEnd = (run: Run, seq: number): Run => {
  if (run.hook) run.hook.ready = run.hook.dispatched = false;
  const status = run.startedAt !== null ? "STARTED" : run.admittedAt !== null ? "STARTING" : "QUEUED";
  return { ...run, seq, status, endedAt: null, failureReason: null, error: null, ending: null, hook: null };
};

const place = (
  run: Run,
  nodes: readonly PlanNode[],
  path: readonly string[],
  rows: ReadonlyMap<string, RestoredStep>,
  keys: ReadonlyMap<string, string[]>,
): void => {
  for (const node of nodes) {
    const step = newStep(node, path);
    run.steps.set(step.key, step);
    const row = rows.get(step.key);
    if (row) fill(step, row);
    // What an ended run never began has left no row.
    else if (runHasEnded(run.status)) step.status = "CANCELED";
    if (!stepHasEnded(step.status)) run.open++;
    if (step.status === "SUCCESS") run.succeeded++;
    if (step.status === "FAILURE") {
      run.failed++;
      if (node.spec.blocking) run.failedSteps.push(step.key);
    }
    if (!step.fan) continue;
    for (const key of keys.get(step.key) ?? []) {
      // Rows do not tell which dispatch yielded an item last: those of the current one are not told again.
      step.fan.keys.set(key, step.fence);
      step.fan.seen++;
      place(run, node.children, [...path, key], rows, keys);
    }
  }
};

const fill = (step: Step, row: RestoredStep): void => {
  step.status = row.status;
  step.attempt = row.attempt;
  step.lost = row.lost;
  step.fence = row.fence;
  step.worker = row.worker;
  step.slot = row.slot;
  step.readyAt = row.readyAt;
  step.queuedAt = row.queuedAt;
  step.startedAt = row.startedAt;
  step.endedAt = row.endedAt;
  step.retryAt = row.retryAt;
  step.skipReason = row.skipReason;
  step.reusedFrom = row.reusedFrom;
  // Whether a worker still holds it, the owner finds out: until then its reports count.
  step.dispatched = row.status === "STARTED" || (row.status === "QUEUED" && row.queuedAt !== null);
  step.ready = row.status === "QUEUED" && !step.dispatched;
  const came = new Set(row.outputNames);
  const missing = step.node.spec.outputs.filter((output) => !came.has(output.name));
  if (row.status === "SUCCESS" && !step.fan && missing.length > 0)
    step.missing = new Set(missing.map(({ name }) => name));
};

const restoreHook = (run: Run, rows: ReadonlyMap<string, RestoredStep>): void => {
  const hook = newHook(run);
  if (!hook) return;
  const row = rows.get(hook.key);
  if (row) fill(hook, row);
  else hook.ready = true;
  if (!stepHasEnded(hook.status)) run.hook = hook;
};
