import { countWaiting, verdict } from "./inputs";
import type { PlanNode } from "./plan";
import type { Run, Step } from "./run";
import { collectIsSettled, countForCollects, instance, instancesBelow, newStep, notSelected } from "./run";
import type { SkipReason } from "./status";
import { stepHasEnded } from "./status";
import type { Turn } from "./turn";

/** Makes the instances of nodes at the given keys and decides those that wait for nothing. */
export const unfold = (turn: Turn, nodes: readonly PlanNode[], path: readonly string[]): void => {
  const { run } = turn;
  for (const node of nodes) {
    const step = newStep(node, path);
    run.steps.set(step.key, step);
    run.open++;
    step.waiting = countWaiting(run, step);
    if (step.waiting === 0) decide(turn, step);
  }
};

/** Makes a step ready or skips it, once all of its sources have ended. */
export const decide = (turn: Turn, step: Step): void => {
  if (step.status !== "PENDING" || step.ready) return;
  const { run } = turn;
  if (notSelected(run, step.node, step.path)) return skip(turn, step, "NOT_SELECTED");
  if (generatorHasFailed(run, step)) return skip(turn, step, "UPSTREAM_FAILED");
  const outcome = verdict(run, step);
  if (outcome === "ready") makeReady(turn, step);
  else skip(turn, step, outcome);
};

/** The owner may dispatch it. */
export const makeReady = (turn: Turn, step: Step): void => {
  step.ready = true;
  step.readyAt = turn.at;
  turn.push({ type: "ready", step });
};

export const skip = (turn: Turn, step: Step, reason: SkipReason): void => {
  step.status = "SKIPPED";
  step.skipReason = reason;
  step.retryAt = null;
  step.ready = step.dispatched = false;
  step.endedAt = turn.at;
  turn.step(step);
  turn.event("STEP_SKIPPED", step, { skip_reason: reason });
  settle(turn, step);
};

/** Tells all who waited for an ended step, and all who wait for what that decides, until nothing more follows. */
export const settle = (turn: Turn, ended: Step): void => {
  // In a run that is ending nothing follows: what waits never begins.
  if (turn.run.ending) return void turn.run.open--;
  // A list instead of recursion: skips run down chains that are longer than the stack is deep.
  if (turn.untold) return void turn.untold.push(ended);
  turn.untold = [ended];
  for (let step = turn.untold.pop(); step; step = turn.untold.pop()) {
    turn.run.open--;
    tellReaders(turn, step);
  }
  turn.untold = null;
};

const tellReaders = (turn: Turn, step: Step): void => {
  const { run } = turn;
  if (step.fan && step.status !== "SUCCESS") stopChildren(turn, step);
  for (const reader of step.node.readers)
    for (const waiting of instancesBelow(run, reader, step.path)) arrived(turn, waiting);
  const generator = countForCollects(run, step);
  if (generator) tellCollectors(turn, generator, step.node);
  if (step.fan) for (const node of collectedOver(step.node)) tellCollectors(turn, step, node);
};

/** Nodes whose instances are collected over this generator. */
const collectedOver = (generator: PlanNode): PlanNode[] =>
  generator.children.filter((child) => child.collectors.length > 0);

const tellCollectors = (turn: Turn, generator: Step, node: PlanNode): void => {
  if (!collectIsSettled(generator, node)) return;
  for (const collector of node.collectors)
    for (const waiting of instancesBelow(turn.run, collector, generator.path)) arrived(turn, waiting);
};

const arrived = (turn: Turn, step: Step): void => {
  if (--step.waiting === 0) decide(turn, step);
};

/** A generator that ended badly: what of its children is under way ends by itself, nothing starts afterwards. */
const stopChildren = (turn: Turn, generator: Step): void => {
  for (const node of turn.run.plan.nodes.values()) {
    if (node.scope[generator.path.length] !== generator.node) continue;
    for (const child of instancesBelow(turn.run, node, generator.path)) {
      if (child.status === "STARTED" || stepHasEnded(child.status)) continue;
      if (child.dispatched) turn.push({ type: "revoke", step: child, fence: child.fence });
      skip(turn, child, "UPSTREAM_FAILED");
    }
  }
};

/** True of children whose generator has ended badly: none of them starts any more. */
export const generatorHasFailed = (run: Run, step: Step): boolean =>
  step.node.scope.some((generator) => {
    const { status } = instance(run, generator, step.path)!;
    return stepHasEnded(status) && status !== "SUCCESS";
  });

/** Recounts what every step waits for and decides those that wait for nothing: after a rebuild. */
export const decideAll = (turn: Turn): void => {
  const { run } = turn;
  const steps = [...run.steps.values()];
  for (const step of steps) if (!stepHasEnded(step.status)) step.waiting = countWaiting(run, step);
  for (const step of steps) if (step.status === "PENDING" && step.waiting === 0) decide(turn, step);
};
