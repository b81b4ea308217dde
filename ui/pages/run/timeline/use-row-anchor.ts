import { useLayoutEffect, useRef } from "react";
import type { ChartData } from "./draw/scene";
import type { Rows } from "./draw/rows";

/** Rows above that fold away, or come back, move nothing of what is in sight. Who is at the top stays there. */
export const useRowAnchor = (scroller: { current: HTMLElement | null }, { rows, outside }: ChartData): void => {
  const last = useRef({ rows, outside });
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { rows, outside };
    const element = scroller.current!;
    if (before.outside === outside || element.scrollTop === 0) return;
    const moved = movedBy(before.rows, rows, element);
    if (moved !== 0) element.scrollBy(0, moved);
  }, [scroller, rows, outside]);
};

/** How much lower the first row in sight stands that is still there. */
const movedBy = (before: Rows, now: Rows, { scrollTop, clientHeight }: HTMLElement): number => {
  for (let row = before.at(scrollTop); row >= 0 && row < before.count; row++) {
    if (before.top(row) > scrollTop + clientHeight) return 0;
    const same = now.find(before.kind(row), before.ref(row));
    if (same >= 0 && before.kind(row) !== "outside") return now.top(same) - before.top(row);
  }
  return 0;
};
