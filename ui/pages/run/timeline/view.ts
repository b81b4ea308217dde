import { Scale, type Span } from "./draw/scale";

/** Closer than this (ms across the chart) nothing is to be seen. */
const CLOSEST_MS = 5;
/** One stroke of a key or button: what is in view becomes so much longer or shorter. */
const ZOOM = 1.5;

/** What stretch of time is in view. Panning and zooming draw nothing but the chart, so this is no state of React. */
export class View {
  whole: Span = { from: 0, to: 1 };
  folds: readonly Span[] = [];
  width = 600;
  /** null: the whole. */
  private brush: Span | null = null;
  private cached: Scale | null = null;
  private readonly watchers = new Set<() => void>();
  private readonly brushWatchers = new Set<(brush: Span | null) => void>();

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Told when the visitor has changed what is in view. */
  onBrush(watcher: (brush: Span | null) => void): () => void {
    this.brushWatchers.add(watcher);
    return () => this.brushWatchers.delete(watcher);
  }

  /** An address may tell of a stretch that the run has not: then it is the whole. */
  readonly span = (): Span => (this.brush && this.brush.from < this.whole.to ? this.brush : this.whole);

  get scale(): Scale {
    return (this.cached ??= new Scale(this.span(), this.width, this.folds));
  }

  /** What is there to be seen. */
  fit(whole: Span, folds: readonly Span[], width: number): void {
    const same =
      whole.to === this.whole.to && width === this.width && JSON.stringify(folds) === JSON.stringify(this.folds);
    if (same) return;
    Object.assign(this, { whole, folds, width });
    this.change();
  }

  /** As the address says; tells nobody of it. */
  restore(brush: Span | null): void {
    this.brush = brush;
    this.change();
  }

  /** As the visitor says. Nothing is outside of the whole. */
  show(span: Span | null): void {
    this.brush = span && this.within(span);
    this.change();
    this.brushWatchers.forEach((watcher) => watcher(this.brush));
  }

  /** @param factor below 1: closer. @param x what stays where it is, in pixels. */
  zoom(factor: number, x = this.width / 2): void {
    const { from, to } = this.span();
    const fixed = Math.min(to, Math.max(from, this.scale.at(x)));
    const wide = Math.max(CLOSEST_MS, (to - from) * factor);
    const share = (fixed - from) / (to - from);
    this.show({ from: fixed - wide * share, to: fixed + wide * (1 - share) });
  }

  zoomIn(): void {
    this.zoom(1 / ZOOM);
  }
  zoomOut(): void {
    this.zoom(ZOOM);
  }

  pan(pixels: number): void {
    const { from, to } = this.span();
    const by = (pixels * (to - from)) / this.width;
    const bound = Math.max(this.whole.from - from, Math.min(this.whole.to - to, by));
    this.show({ from: from + bound, to: to + bound });
  }

  /** Moves what is in view so far that a moment is within; NaN is none. */
  reveal(at: number): void {
    const { from, to } = this.span();
    if (!(at < from || at > to)) return;
    const half = (to - from) / 2;
    const start = Math.max(this.whole.from, Math.min(this.whole.to - 2 * half, at - half));
    this.show({ from: start, to: start + 2 * half });
  }

  private within({ from, to }: Span): Span | null {
    const { whole } = this;
    if (to - from >= whole.to - whole.from) return null;
    const start = Math.min(Math.max(whole.from, from), whole.to - CLOSEST_MS);
    return { from: start, to: Math.max(start + CLOSEST_MS, Math.min(whole.to, to)) };
  }

  private change(): void {
    this.cached = null;
    this.watchers.forEach((watcher) => watcher());
  }
}
