import type { KeyboardEvent, PointerEvent, ReactNode } from "react";
import { StoredText, useStored } from "../../../data/stored";

/** Of a wide window. */
const USUAL_PX = 384;
const LEAST_PX = 300;
const MOST_PX = 800;
const STEP_PX = 16;

const within = (px: number): number => Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, px)));

/** In px, kept in this browser; "": as the window gives it. */
const width = new StoredText<string>("dqueue.panel-width", "", (text) => text === String(within(Number(text))));

/** null: as the window gives it. */
export const usePanelWidth = (): number | null => Number(useStored(width)) || null;

const set = (px: number): void => width.set(String(within(px)));

const widthOf = ({ parentElement }: HTMLElement): number => parentElement!.getBoundingClientRect().width;

/** The edge by which its panel is made wider or narrower; a double click forgets the choice. */
export const Grip = (): ReactNode => {
  const chosen = usePanelWidth();
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set(event.currentTarget.parentElement!.getBoundingClientRect().right - event.clientX);
  };
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const by = { ArrowLeft: STEP_PX, ArrowRight: -STEP_PX }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(widthOf(event.currentTarget) + by);
  };
  return (
    <div
      className="sgrip"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={chosen ?? USUAL_PX}
      aria-valuemin={LEAST_PX}
      aria-valuemax={MOST_PX}
      tabIndex={0}
      onPointerDown={drag}
      onPointerMove={move}
      onDoubleClick={() => width.set("")}
      onKeyDown={press}
    />
  );
};
