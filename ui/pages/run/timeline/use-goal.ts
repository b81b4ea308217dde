import { useEffect, useRef } from "react";
import type { Rows } from "./draw/rows";

/** A step that somebody wants to be led to; each wish is another. */
export interface Goal {
  step: number;
}

/** Leads to the row of a step as soon as there is one: its group may be about to open. */
export const useGoal = (goal: Goal | null, rows: Rows, go: (row: number) => void): void => {
  const reached = useRef(goal);
  useEffect(() => {
    if (goal === null || reached.current === goal) return;
    const row = rows.find("step", goal.step);
    if (row < 0) return;
    reached.current = goal;
    go(row);
  });
};
