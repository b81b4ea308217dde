import type { Worker } from "../../../client";

/** More cells than this would be too small to tell apart. */
const MOST_CELLS = 64;

/** What is in a slot: a step that is known, something, or nothing. */
export type Cell = Worker["steps"][number] | "busy" | null;

/**
 * A cell for each slot, in the order of processes and of the slots in each, so that none moves while others change. Of a
 * worker with more slots than can be told apart a cell stands for several.
 */
export const cellsOf = ({
  slots,
  busy,
  steps = [],
  concurrency = 1,
}: Pick<Worker, "slots" | "busy"> & Partial<Pick<Worker, "steps" | "concurrency">>): Cell[] => {
  const shown = Math.min(slots, MOST_CELLS);
  const cells = new Array<Cell>(shown).fill(null);
  const placeless: Cell[] = [];
  for (const step of steps) {
    const [process = 0, slot = 0] = step.slot?.split(".").map(Number) ?? [];
    const place = (process - 1) * concurrency + slot - 1;
    if (slots === shown && cells[place] === null) cells[place] = step;
    else placeless.push(step);
  }
  const more = Math.round((busy * shown) / Math.max(1, slots)) - (steps.length - placeless.length);
  // What is told of no slot, or of that of a process that is being replaced, is in one of the others.
  for (let place = 0, left = more; place < shown && left > 0; place++)
    if (cells[place] === null) {
      cells[place] = placeless.shift() ?? "busy";
      left--;
    }
  return cells;
};
