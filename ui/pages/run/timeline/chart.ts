import { duration } from "../../../parts/format";
import { onPalette, palette } from "./draw/palette";
import { hatch, paintLabels, paintRects, prepared } from "./draw/paint";
import type { Rects } from "./draw/rects";
import { digitsOf, type Fold, offsetText, ticksOf } from "./draw/scale";
import { type ChartData, Scene } from "./draw/scene";
import type { View } from "./view";

export interface Canvases {
  bars: HTMLCanvasElement;
  overlay: HTMLCanvasElement;
  axis: HTMLCanvasElement;
}

/** What is marked above the bars. */
export interface Marks {
  selected: number | null;
  hovered: number | null;
  /** Keep their full tone while a step is hovered; null: all do. */
  related: ReadonlySet<number> | null;
  critical: ReadonlySet<number>;
  /** The try that the keyboard is at. */
  attempt: { step: number; from: number; to: number } | null;
  /** What is being chosen to zoom to, in pixels. */
  range: { from: number; to: number } | null;
}

const AXIS_HEIGHT = 24;
const UPWARDS = -Math.PI / 2;
/** What goes on grows so often, in ms. */
const GROW_MS = 100;

/** Draws a chart, at most once a frame, and only when something has changed. */
export class Chart {
  readonly scene = new Scene();
  top = 0;
  height = 400;
  data: ChartData | null = null;
  marks: Marks = { selected: null, hovered: null, related: null, critical: new Set(), attempt: null, range: null };
  /** The moment, for what goes on; in ms since the run's creation. */
  clock: (() => number) | null = null;
  private canvases: Canvases | null = null;
  private due = false;
  private readonly ends: (() => void)[] = [];
  private readonly watchers = new Set<() => void>();

  constructor(readonly view: View) {}

  attach(canvases: Canvases): () => void {
    this.canvases = canvases;
    const timer = setInterval(() => this.clock && !document.hidden && this.draw(), GROW_MS);
    this.ends.push(
      this.view.watch(() => this.draw()),
      onPalette(() => this.draw()),
      () => clearInterval(timer),
    );
    this.draw();
    return () => {
      this.canvases = null;
      this.ends.splice(0).forEach((end) => end());
    };
  }

  /** What is to be drawn from now on. @param clock of what goes on; null: nothing does. */
  show({
    data,
    clock,
    selected,
    critical,
  }: Pick<Chart, "data" | "clock"> & Pick<Marks, "selected" | "critical">): void {
    this.data = data;
    this.clock = clock;
    this.mark({ selected, critical });
  }

  /** Marks something above the bars, or nothing any more. */
  mark(marks: Partial<Marks>): void {
    this.marks = { ...this.marks, ...marks };
    this.draw();
  }

  resize(width: number, height: number): void {
    this.height = height;
    this.view.fit(this.view.whole, this.view.folds, width);
    this.draw();
  }

  scroll(top: number): void {
    this.top = top;
    this.draw();
  }

  draw(): void {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.paint();
    });
  }

  /** Told whenever it was painted: something has moved. */
  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** The moment that is drawn, in ms since the run's creation. */
  get at(): number {
    return this.shown()?.moment.at ?? 0;
  }

  /** The step that is drawn at a place of the canvas; null: none. */
  stepAt(x: number, y: number): number | null {
    const { rects } = this.scene;
    for (let i = rects.count - 1; i >= 0; i--) if (rects.step[i]! >= 0 && within(rects, i, x, y)) return rects.step[i]!;
    return null;
  }

  /** Whether there is a folded stretch at a place of the canvas. */
  foldAt(x: number): boolean {
    return this.view.scale.folds.some((fold) => x >= fold.x && x <= fold.x + fold.width);
  }

  private paint(): void {
    const { canvases, view } = this;
    const data = this.shown();
    if (!data || !canvases) return;
    const { width } = view;
    const colours = palette();
    const context = prepared(canvases.bars, width, this.height);
    this.paintGround(context, data);
    this.scene.lay(data, view.scale, this);
    paintRects(context, this.scene.rects, colours);
    paintLabels(context, this.scene.labels, { colours, width });
    this.paintOverlay(canvases.overlay, data);
    this.paintAxis(canvases.axis);
    this.watchers.forEach((watcher) => watcher());
  }

  /** What goes on has gone on since the data came. */
  private shown(): ChartData | null {
    const { data, clock } = this;
    return data?.moment.live && clock ? { ...data, moment: { ...data.moment, at: clock() } } : data;
  }

  private paintGround(context: CanvasRenderingContext2D, data: ChartData): void {
    const { view, height, marks } = this;
    const colours = palette();
    if (marks.selected !== null) {
      const row = data.rows.find("step", marks.selected);
      context.fillStyle = colours.accentbg;
      if (row >= 0) context.fillRect(0, data.rows.top(row) - this.top, view.width, data.rows.height(row));
    }
    context.fillStyle = colours.line;
    for (const { x } of ticksOf(view.scale)) context.fillRect(Math.round(x), 0, 1, height);
    context.fillStyle = colours.ctl;
    for (const { at } of data.steps.takeovers)
      for (let y = 1; y < height; y += 5) context.fillRect(Math.round(view.scale.x(at)), y, 1, 2);
    const now = view.scale.x(data.moment.at);
    const later = [Math.max(0, now), 0, view.width - Math.max(0, now), height] as const;
    context.globalAlpha = 0.55;
    if (data.moment.live) hatch(context, colours.line2, later);
    else {
      context.fillStyle = colours.accentbg;
      context.fillRect(...later);
    }
    context.globalAlpha = 1;
    for (const fold of view.scale.folds) {
      context.fillStyle = colours.sunken;
      context.fillRect(fold.x, 0, fold.width, height);
      context.fillStyle = colours.line2;
      for (let x = fold.x; x <= fold.x + fold.width; x += 5) context.fillRect(Math.round(x), 0, 1, height);
    }
    this.clearNames(context, data);
    // Where it would lie on names it stands at the axis.
    if (!data.rows.stacked) for (const fold of view.scale.folds) this.paintLength(context, fold, height / 2, UPWARDS);
  }

  /** Where names stand above the bars, nothing but them is to be seen. */
  private clearNames(context: CanvasRenderingContext2D, { rows }: ChartData): void {
    if (!rows.stacked) return;
    for (let row = Math.max(0, rows.at(this.top)); row < rows.count && rows.top(row) < this.top + this.height; row++)
      context.clearRect(0, rows.top(row) - this.top, this.view.width, rows.nameHeight(row));
  }

  /** How long a folded stretch is, in the middle of it. */
  private paintLength(context: CanvasRenderingContext2D, { from, to, x, width }: Fold, y: number, angle: number): void {
    const colours = palette();
    const text = `${duration(to - from)} idle`;
    context.save();
    context.font = `600 11.5px ${colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const wide = context.measureText(text).width + 10;
    context.translate(angle === 0 ? Math.max(wide / 2, x + width / 2) : x + width / 2, y);
    context.rotate(angle);
    context.fillStyle = colours.sunken;
    context.fillRect(-wide / 2, -9, wide, 18);
    context.fillStyle = colours.text2;
    context.fillText(text, 0, 0);
    context.restore();
  }

  private paintOverlay(canvas: HTMLCanvasElement, data: ChartData): void {
    const { view, height, marks, scene } = this;
    const colours = palette();
    const context = prepared(canvas, view.width, height);
    const { rects } = scene;
    if (marks.related) {
      context.fillStyle = colours.sheet;
      context.globalAlpha = 0.65;
      for (let i = 0; i < rects.count; i++)
        if (rects.step[i]! >= 0 && !marks.related.has(rects.step[i]!))
          context.fillRect(rects.x[i]! - 1, rects.y[i]! - 4, rects.w[i]! + 2, rects.h[i]! + 8);
      context.globalAlpha = 1;
    }
    context.lineWidth = 1.5;
    context.strokeStyle = colours.accent;
    context.beginPath();
    for (let i = 0; i < rects.count; i++) {
      const step = rects.step[i]!;
      // In lanes there is no row of its own that shows which step is chosen.
      const isChosen = step === marks.selected && data.workers.length > 0;
      if (rects.h[i]! < 8 || (step !== marks.hovered && !isChosen && !marks.critical.has(step))) continue;
      context.roundRect(rects.x[i]! - 2, rects.y[i]! - 2, rects.w[i]! + 4, rects.h[i]! + 4, 5);
    }
    const { attempt } = marks;
    const row = attempt ? data.rows.find("step", attempt.step) : -1;
    if (attempt && row >= 0) {
      const [x, end] = [view.scale.x(attempt.from), view.scale.x(attempt.to)];
      const drawn = data.rows.drawn(row);
      const middle = drawn.top - this.top + drawn.height / 2;
      context.roundRect(x - 3, middle - 10, Math.max(3, end - x) + 6, 20, 5);
    }
    context.stroke();
    this.paintForecast(context, data);
    if (marks.range) {
      const { from, to } = marks.range;
      context.fillStyle = colours.accent;
      context.globalAlpha = 0.14;
      context.fillRect(from, 0, to - from, height);
      context.globalAlpha = 1;
      for (const edge of [from, to]) context.fillRect(edge - 0.5, 0, 1, height);
    }
    const now = view.scale.x(data.moment.at);
    if (this.clock || !data.moment.live) {
      context.fillStyle = data.moment.live ? colours.started : colours.accent;
      context.fillRect(now - 0.75, 0, 1.5, height);
    }
  }

  /** When all is expected to be done. */
  private paintForecast(context: CanvasRenderingContext2D, { moment, forecast }: ChartData): void {
    if (!forecast || !moment.live || forecast.end <= moment.at) return;
    const { view, height } = this;
    const x = Math.round(view.scale.x(forecast.end));
    if (x < 0 || x > view.width) return;
    const colours = palette();
    context.fillStyle = colours.text3;
    for (let y = 0; y < height; y += 7) context.fillRect(x - 1, y, 1.5, 4);
    context.font = `500 11.5px ${colours.font}`;
    context.textBaseline = "middle";
    const text = `≈ ${offsetText(forecast.end)}`;
    const wide = context.measureText(text).width;
    const at = x + 5 + wide < view.width ? x + 5 : x - 6 - wide;
    context.fillStyle = colours.sheet;
    context.fillRect(at - 2, 4, wide + 4, 17);
    context.fillStyle = colours.text2;
    context.fillText(text, at, 13);
  }

  private paintAxis(canvas: HTMLCanvasElement): void {
    const { view } = this;
    const colours = palette();
    const context = prepared(canvas, view.width, AXIS_HEIGHT);
    const ticks = ticksOf(view.scale);
    const digits = digitsOf(ticks);
    context.font = `400 11.5px ${colours.font}`;
    context.textBaseline = "middle";
    for (const { at, x } of ticks) {
      context.fillStyle = colours.line2;
      context.fillRect(Math.round(x), AXIS_HEIGHT - 8, 1, 8);
      context.fillStyle = colours.text3;
      if (x < view.width - 30) context.fillText(offsetText(at, digits), x + 4, 12);
    }
    if (this.data?.rows.stacked) for (const fold of view.scale.folds) this.paintLength(context, fold, 12, 0);
  }
}

const within = ({ x, y, w, h }: Rects, i: number, atX: number, atY: number): boolean =>
  atX >= x[i]! - 2 && atX <= x[i]! + w[i]! + 2 && Math.abs(atY - (y[i]! + h[i]! / 2)) <= Math.max(8, h[i]! / 2);
