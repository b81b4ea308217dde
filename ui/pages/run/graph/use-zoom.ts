import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Layout, PlacedNode } from "./layout";
import type { OpNow } from "./ops";

const LEAST = 0.2;
const MOST = 2;
/** Fitted no smaller than this: names must stay legible. */
const LEGIBLE = 0.8;
const STEP = 1.15;
export const PADDING = 24;

type Point = readonly [x: number, y: number];

export interface Zoom {
  scale: number;
  /** What scrolls; null before it is there. */
  view: HTMLElement | null;
  attach(view: HTMLElement | null): void;
  by(steps: number): void;
  fit(): void;
  /** Brings a node into view. */
  show(node: PlacedNode): void;
}

/** How large the graph is shown, and which part of it. It opens fitted, or on what runs. */
export const useZoom = (layout: Layout | null, ops: Map<string, OpNow>): Zoom => {
  const [view, attach] = useState<HTMLElement | null>(null);
  const [scale, setScale] = useState(1);
  /** In the graph's own measure: what is to be in the middle after the next change. */
  const middle = useRef<Point | null>(null);
  useLayoutEffect(() => {
    const at = middle.current;
    middle.current = null;
    if (view && at) centre(view, at, scale);
  });
  const fit = useCallback(() => {
    if (!layout || !view) return;
    const fits = Math.min(
      (view.clientWidth - 2 * PADDING) / layout.width,
      (view.clientHeight - 2 * PADDING) / layout.height,
    );
    const next = Math.max(LEGIBLE, Math.min(1, fits));
    const going = layout.nodes.find(({ id }) => ops.get(id)?.status === "STARTED") ?? layout.nodes[0];
    if (fits < LEGIBLE && going) middle.current = middleOf(going);
    setScale(next);
  }, [layout, ops, view]);
  useOpening(layout, view, fit);
  const by = useCallback(
    (steps: number) => {
      if (!view) return;
      middle.current = [
        (view.scrollLeft + view.clientWidth / 2 - PADDING) / scale,
        (view.scrollTop + view.clientHeight / 2 - PADDING) / scale,
      ];
      setScale(Math.min(MOST, Math.max(LEAST, scale * STEP ** steps)));
    },
    [view, scale],
  );
  useWheel(view, by);
  const show = useCallback((node: PlacedNode) => view && bringIntoView(view, node, scale), [view, scale]);
  return useMemo(() => ({ scale, view, attach, by, fit, show }), [scale, view, by, fit, show]);
};

const middleOf = ({ x, y, width, height }: PlacedNode): Point => [x + width / 2, y + height / 2];

/** Scrolls so that a point of the graph is in the middle. */
export const centre = (view: HTMLElement, [x, y]: Point, scale: number): void =>
  view.scrollTo(x * scale + PADDING - view.clientWidth / 2, y * scale + PADDING - view.clientHeight / 2);

const bringIntoView = (view: HTMLElement, node: PlacedNode, scale: number): void => {
  const [left, top] = [node.x * scale + PADDING, node.y * scale + PADDING];
  const inside =
    left >= view.scrollLeft &&
    top >= view.scrollTop &&
    left + node.width * scale <= view.scrollLeft + view.clientWidth &&
    top + node.height * scale <= view.scrollTop + view.clientHeight;
  if (!inside) centre(view, middleOf(node), scale);
};

/** Each layout is fitted once, when it is there. */
const useOpening = (layout: Layout | null, view: HTMLElement | null, fit: () => void): void => {
  const opened = useRef<Layout | null>(null);
  useEffect(() => {
    if (!layout || !view || opened.current === layout) return;
    opened.current = layout;
    fit();
  }, [layout, view, fit]);
};

/** The wheel scrolls; with ctrl or ⌘ it zooms, as a pinch does. */
const useWheel = (view: HTMLElement | null, by: (steps: number) => void): void =>
  useEffect(() => {
    if (!view) return;
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      by(-Math.sign(event.deltaY));
    };
    view.addEventListener("wheel", wheel, { passive: false });
    return () => view.removeEventListener("wheel", wheel);
  }, [view, by]);
