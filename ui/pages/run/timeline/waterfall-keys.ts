import { type KeyboardEvent, useState } from "react";
import { rowFrom, rowMoves } from "./row-moves";

interface Props {
  rows: number;
  isFailed(row: number): boolean;
  open(row: number): void;
  show(row: number): void;
  /** A row in words. */
  say(row: number): string;
}

/** Ops by keys: they are one stop; each move is said. `row` −1: the keyboard has not been there. */
export const useWaterfallKeys = ({ rows, isFailed, open, show, say }: Props) => {
  const [chosen, setRow] = useState(-1);
  const row = Math.min(chosen, rows - 1);
  const go = (to: number): void => {
    if (to < 0 || to >= rows) return;
    setRow(to);
    show(to);
  };
  const acts: Record<string, () => void> = {
    ...rowMoves(row, rows, go),
    Enter: () => row >= 0 && open(row),
    n: () => go(rowFrom(row, 1, rows, isFailed)),
    p: () => go(rowFrom(row, -1, rows, isFailed)),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    event.preventDefault();
    act();
  };
  return { row, onKeyDown, said: row < 0 ? "" : say(row) };
};
