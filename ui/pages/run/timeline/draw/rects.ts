/** What a rectangle stands for: how it is painted. */
export const KINDS = [
  "held",
  "wait",
  "planned",
  "success",
  "failure",
  "started",
  "retry",
  "canceled",
  "lost",
  "forecast",
  "idle",
  "queued",
  "later",
  "gone",
] as const;
export type Kind = (typeof KINDS)[number];
export const KIND = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<Kind, number>;

/** What is to be painted, by columns; reused from frame to frame, so that none of them allocates. */
export class Rects {
  count = 0;
  x = new Float32Array(1024);
  y = new Float32Array(1024);
  w = new Float32Array(1024);
  h = new Float32Array(1024);
  kind = new Uint8Array(1024);
  /** Step that it stands for; −1: none. */
  step = new Int32Array(1024);

  clear(): void {
    this.count = 0;
  }

  add(kind: number, x: number, y: number, w: number, h: number, step: number): void {
    if (this.count === this.kind.length) this.grow();
    const at = this.count++;
    this.kind[at] = kind;
    this.x[at] = x;
    this.y[at] = y;
    this.w[at] = w;
    this.h[at] = h;
    this.step[at] = step;
  }

  private grow(): void {
    const size = this.kind.length * 2;
    for (const name of ["x", "y", "w", "h"] as const) {
      const wider = new Float32Array(size);
      wider.set(this[name]);
      this[name] = wider;
    }
    const kinds = new Uint8Array(size);
    kinds.set(this.kind);
    this.kind = kinds;
    const steps = new Int32Array(size);
    steps.set(this.step);
    this.step = steps;
  }
}

/** Colours of texts. */
export type Ink = "text2" | "text3" | "failure-t" | "retry-t" | "lost-t" | "started-t" | "sheet";

/** A text beside a bar, or in it. */
export interface Label {
  text: string;
  /** Behind what it stands; `left`: before what, where there is no room. */
  x: number;
  left?: number;
  y: number;
  ink: Ink;
  /** In a bar: no wider than this. */
  within?: number;
}
