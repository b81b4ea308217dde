import { differenceOf, withDifference } from "../core/difference";
import type { SentTask, StepTask } from "./step-messages";

/** Bundles as they travel to a step process: what tasks have in common is told once, a run's config above all. */
export const sentTasks = (bundles: readonly (readonly StepTask[])[]): SentTask[][] => {
  let previous: StepTask | undefined;
  return bundles.map((bundle) =>
    bundle.map((task) => {
      const difference = differenceOf(previous, task);
      previous = task;
      return difference ?? [task];
    }),
  );
};

/** The bundles as they were sent. Tasks share what they have in common: their tags cannot be written to. */
export const receivedTasks = (bundles: readonly (readonly SentTask[])[]): StepTask[][] => {
  let previous: StepTask | undefined;
  return bundles.map((bundle) =>
    bundle.map((sent) => {
      const task = Array.isArray(sent) ? (sent[0] as StepTask) : withDifference(previous!, sent);
      if (task.tags !== previous?.tags) Object.freeze(task.tags);
      return (previous = task);
    }),
  );
};
