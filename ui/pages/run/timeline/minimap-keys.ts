import type { KeyboardEvent } from "react";
import { offsetText } from "./draw/scale";
import type { View } from "./view";

/** Of what is in view: a stroke of an arrow, and one of a page key. */
const STROKE = 0.01;
const PAGE = 0.1;

interface Head {
  view: View;
  /** The last moment that there is, in ms since the run's creation. */
  last(): number;
  /** The moment that is shown. */
  shown(): number;
  /** null: now. */
  ask(at: number | null): void;
}

/** The playhead by keys. Behind the last moment is now. */
export const headKeys =
  ({ view, last, shown, ask }: Head) =>
  (event: KeyboardEvent): void => {
    const { from, to } = view.span();
    const part = { ArrowLeft: -STROKE, ArrowRight: STROKE, PageDown: -PAGE, PageUp: PAGE }[event.key];
    if (part !== undefined) {
      const at = shown() + part * (to - from);
      ask(at >= last() ? null : Math.max(0, at));
    } else if (event.key === "Home") ask(0);
    else if (event.key === "End") ask(null);
    else return;
    event.preventDefault();
  };

/** What part is in view, by keys: the chart's own, and to its ends. */
export const brushKeys =
  (view: View) =>
  (event: KeyboardEvent): void => {
    const acts: Record<string, () => void> = {
      ArrowLeft: () => view.pan(-view.width * PAGE),
      ArrowRight: () => view.pan(view.width * PAGE),
      ArrowUp: () => view.zoomIn(),
      ArrowDown: () => view.zoomOut(),
      Home: () => view.pan(-Infinity),
      End: () => view.pan(Infinity),
      "0": () => view.show(null),
    };
    const act = acts[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };

/** The part in view, in words. */
export const brushText = (view: View): string => {
  const { from, to } = view.span();
  const { whole } = view;
  return to - from >= whole.to - whole.from ? "the whole run" : `${offsetText(from, 1)} to ${offsetText(to, 1)}`;
};
