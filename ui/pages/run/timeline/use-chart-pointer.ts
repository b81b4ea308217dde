import { useEffect, useState } from "react";
import { writeParams } from "../../../data/url";
import { relatedOf } from "../steps/related";
import type { Chart, Marks } from "./chart";

const HOVER_MS = 80;
/** A press that moves less is a click. */
const CLICK_PX = 4;
/** A finger is never quite still. */
const FINGER_PX = 10;
/** Fingers nearer to each other than this, across the chart, zoom no more. */
const LEAST_PINCH = 16;

export interface Hovered {
  step: number;
  /** In the window. */
  x: number;
  y: number;
}

interface Props {
  chart: Chart;
  scroller: { current: HTMLElement | null };
  canvas: { current: HTMLCanvasElement | null };
  select(key: string): void;
}

/** Wheel, drag, pinch, click and hover. @returns what is hovered. */
export const useChartPointer = ({ chart, scroller, canvas, select }: Props): Hovered | null => {
  const [hovered, setHovered] = useState<Hovered | null>(null);
  useEffect(() => {
    const pointer = new Pointer(chart, canvas.current!, { hover: setHovered, select });
    return pointer.listen(scroller.current!);
  }, [chart, canvas, scroller, select]);
  return hovered;
};

class Pointer {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private press: { x: number; y: number; at: number; moved: boolean; range: boolean } | null = null;
  /** Fingers that are down, by pointer. */
  private readonly fingers = new Map<number, { x: number; y: number }>();

  constructor(
    private readonly chart: Chart,
    private readonly canvas: HTMLCanvasElement,
    private readonly tell: { hover(hovered: Hovered | null): void; select(key: string): void },
  ) {}

  listen(scroller: HTMLElement): () => void {
    const { canvas } = this;
    const end = new AbortController();
    const { signal } = end;
    scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false, signal });
    canvas.addEventListener("pointerdown", (event) => this.down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.up(event), { signal });
    // The page scrolls in its place.
    canvas.addEventListener("pointercancel", (event) => this.lift(event), { signal });
    canvas.addEventListener("pointerleave", () => this.hover(null), { signal });
    canvas.addEventListener("dblclick", (event) => this.fit(event), { signal });
    return () => {
      clearTimeout(this.timer);
      end.abort();
    };
  }

  private place({ clientX, clientY }: MouseEvent): { x: number; y: number } {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  private wheel(event: WheelEvent): void {
    const { view } = this.chart;
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(event.deltaY / 200), this.place(event).x);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) view.pan(event.deltaX || event.deltaY);
    else return;
    event.preventDefault();
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y } = this.place(event);
    if (event.pointerType === "touch") this.fingers.set(event.pointerId, { x, y });
    this.press =
      this.fingers.size > 1 ? null : { x, y, at: this.chart.view.scale.at(x), moved: false, range: event.shiftKey };
    this.canvas.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const { x, y } = this.place(event);
    const { press, chart } = this;
    if (this.fingers.size > 1) return this.pinch(event.pointerId, { x, y });
    if (!press) return event.pointerType === "touch" ? undefined : this.hoverSoon(event, x, y);
    if (Math.abs(x - press.x) + Math.abs(y - press.y) > (event.pointerType === "touch" ? FINGER_PX : CLICK_PX))
      press.moved = true;
    if (!press.moved) return;
    if (press.range) return this.choose({ from: press.x, to: x });
    chart.view.pan(press.x - x);
    press.x = x;
  }

  /** Two fingers hold what is under them: the nearer they come, the more is seen. */
  private pinch(moved: number, to: { x: number; y: number }): void {
    const [one, other] = [...this.fingers.values()];
    const wide = Math.abs(one!.x - other!.x);
    const middle = (one!.x + other!.x) / 2;
    this.fingers.set(moved, to);
    const [one1, other1] = [...this.fingers.values()];
    const { view } = this.chart;
    view.pan(middle - (one1!.x + other1!.x) / 2);
    view.zoom(
      Math.max(LEAST_PINCH, wide) / Math.max(LEAST_PINCH, Math.abs(one1!.x - other1!.x)),
      (one1!.x + other1!.x) / 2,
    );
  }

  /** Shows what would be zoomed to; null: nothing. */
  private choose(range: Marks["range"]): void {
    const { chart } = this;
    if (chart.marks.range === range) return;
    chart.mark({ range });
  }

  private lift({ pointerId }: PointerEvent): void {
    this.press = null;
    this.choose(null);
    this.fingers.delete(pointerId);
  }

  private up(event: PointerEvent): void {
    const { press, chart } = this;
    const { x, y } = this.place(event);
    this.lift(event);
    if (!press) return;
    if (!press.moved) return this.click(x, y);
    if (!press.range) return;
    const at = chart.view.scale.at(x);
    chart.view.show({ from: Math.min(at, press.at), to: Math.max(at, press.at) });
  }

  private click(x: number, y: number): void {
    const bar = this.chart.stepAt(x, y);
    if (bar === null && this.chart.foldAt(x)) return writeParams({ fold: "0" }, { push: true });
    const step = bar ?? this.stepOfRow(y);
    if (step !== null) this.tell.select(this.chart.data!.steps.keys[step]!);
  }

  private stepOfRow(y: number): number | null {
    const { rows } = this.chart.data!;
    const row = rows.at(this.chart.top + y);
    return row >= 0 && rows.kind(row) === "step" ? rows.ref(row) : null;
  }

  private fit(event: MouseEvent): void {
    const { x, y } = this.place(event);
    const step = this.chart.stepAt(x, y);
    if (step !== null) fitStep(this.chart, step);
  }

  private hoverSoon({ clientX, clientY }: PointerEvent, x: number, y: number): void {
    const step = this.chart.stepAt(x, y);
    if (step === this.chart.marks.hovered && step === null) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hover(step === null ? null : { step, x: clientX, y: clientY }), HOVER_MS);
  }

  private hover(hovered: Hovered | null): void {
    clearTimeout(this.timer);
    const { chart } = this;
    if (hovered?.step === chart.marks.hovered || (hovered === null && chart.marks.hovered === null)) return;
    const related = hovered && chart.data ? relatedOf(chart.data.steps, hovered.step) : null;
    chart.mark({ hovered: hovered?.step ?? null, related });
    this.tell.hover(hovered);
  }
}

/** Shows a step in the middle third. */
export const fitStep = (chart: Chart, step: number): void => {
  const { steps, moment } = chart.data!;
  const from = steps.queued[step]! || steps.started[step]! || steps.ready[step]!;
  const to = steps.ended[step]! || moment.at;
  if (!(to >= from)) return;
  const margin = Math.max(10, to - from);
  chart.view.show({ from: from - margin, to: to + margin });
};
