import type { Palette } from "./palette";
import { KIND, type Label, type Rects } from "./rects";

type Context = CanvasRenderingContext2D;

/** Makes a canvas as sharp as the screen, and clears it. */
export const prepared = (canvas: HTMLCanvasElement, width: number, height: number): Context => {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};

/** Rectangles, kind by kind. */
export const paintRects = (context: Context, rects: Rects, colours: Palette): void => {
  for (const [kind, paint] of PAINTERS) paint(context, rects, kind, colours);
};

type Painter = (context: Context, rects: Rects, kind: number, colours: Palette) => void;

/** Of the corners of a bar: left above, right above, right below, left below. */
const ROUND = [3, 3, 3, 3];
/** What goes on has no end yet. */
const OPEN = [3, 0, 0, 3];

const solid =
  (colour: keyof Palette, corners = ROUND): Painter =>
  (context, { count, kind, x, y, w, h }, wanted, colours) => {
    context.fillStyle = colours[colour];
    context.beginPath();
    for (let i = 0; i < count; i++) {
      if (kind[i] !== wanted) continue;
      if (w[i]! > 5 && h[i]! > 6) context.roundRect(x[i]!, y[i]!, w[i]!, h[i]!, corners);
      else context.rect(x[i]!, y[i]!, w[i]!, h[i]!);
    }
    context.fill();
  };

const dashed =
  (colour: keyof Palette, dash: number[]): Painter =>
  (context, { count, kind, x, y, w, h }, wanted, colours) => {
    context.strokeStyle = colours[colour];
    context.lineWidth = 1.5;
    context.setLineDash(dash);
    context.beginPath();
    for (let i = 0; i < count; i++) {
      if (kind[i] !== wanted) continue;
      context.moveTo(x[i]!, y[i]! + h[i]! / 2);
      context.lineTo(x[i]! + w[i]!, y[i]! + h[i]! / 2);
    }
    context.stroke();
    context.setLineDash([]);
  };

/** A thin line with a foot where the wait began. */
const waiting: Painter = (context, { count, kind, x, y, w, h }, wanted, colours) => {
  context.fillStyle = colours.queued;
  context.globalAlpha = 0.8;
  context.beginPath();
  for (let i = 0; i < count; i++) {
    if (kind[i] !== wanted) continue;
    context.rect(x[i]!, y[i]!, w[i]!, h[i]!);
    context.rect(x[i]!, y[i]! - 3, 1.5, 8);
  }
  context.fill();
  context.globalAlpha = 1;
};

/** A bar whose tail is broken off. */
const severed: Painter = (context, rects, wanted, colours) => {
  solid("lost")(context, rects, wanted, colours);
  const { count, kind, x, y, w, h } = rects;
  context.fillStyle = colours.sheet;
  for (let i = 0; i < count; i++)
    if (kind[i] === wanted && w[i]! > 6) context.fillRect(x[i]! + w[i]! - 4, y[i]! - 0.5, 2, h[i]! + 1);
};

const outlined: Painter = (context, { count, kind, x, y, w, h }, wanted, colours) => {
  context.strokeStyle = colours.ctl;
  context.lineWidth = 1.4;
  context.setLineDash([4, 3]);
  context.beginPath();
  for (let i = 0; i < count; i++)
    if (kind[i] === wanted) context.roundRect(x[i]! + 0.7, y[i]! + 0.7, Math.max(6, w[i]! - 1.4), h[i]! - 1.4, 3);
  context.stroke();
  context.setLineDash([]);
};

/** Lines at a slant, over what is free or not yet. */
export const hatch = (
  context: Context,
  colour: string,
  [x, y, w, h]: readonly [number, number, number, number],
  gap = 5,
): void => {
  if (w <= 0 || h <= 0) return;
  context.save();
  context.beginPath();
  context.rect(x, y, w, h);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  // Lines keep their places while the rectangle moves.
  for (let at = Math.floor((x + y) / (gap * 1.41)) * gap * 1.41; at < x + w + y + h; at += gap * 1.41) {
    context.moveTo(at - y, y);
    context.lineTo(at - y - h, y + h);
  }
  context.stroke();
  context.restore();
};

const hatched =
  (colour: keyof Palette): Painter =>
  (context, { count, kind, x, y, w, h }, wanted, colours) => {
    for (let i = 0; i < count; i++)
      if (kind[i] === wanted) hatch(context, colours[colour], [x[i]!, y[i]!, w[i]!, h[i]!]);
  };

/** By kind; later ones lie on earlier ones: the worst on top. */
const PAINTERS = new Map<number, Painter>([
  [KIND.idle, hatched("line2")],
  [KIND.gone, hatched("lost")],
  [KIND.later, solid("accentline")],
  [KIND.held, dashed("queued", [1.5, 2.5])],
  [KIND.wait, waiting],
  [KIND.planned, dashed("retry", [3, 3])],
  [KIND.queued, hatched("queued")],
  [KIND.canceled, solid("canceled")],
  [KIND.success, solid("success")],
  [KIND.started, solid("started", OPEN)],
  [KIND.retry, solid("retry")],
  [KIND.lost, severed],
  [KIND.failure, solid("failure")],
  [KIND.forecast, outlined],
]);

/** Texts beside bars; one without room at the right goes to the left, one without room anywhere is left out. */
export const paintLabels = (
  context: Context,
  labels: readonly Label[],
  { colours, width }: { colours: Palette; width: number },
): void => {
  context.textBaseline = "middle";
  for (const { text, x, y, ink, within, left } of labels) {
    context.font = `${within === undefined ? 400 : 600} 11.5px ${colours.font}`;
    const wide = context.measureText(text).width;
    if (within !== undefined) {
      if (wide + 10 > within) continue;
      context.fillStyle = colours[ink];
      context.fillText(text, x + 6, y + 0.5);
      continue;
    }
    const [at, shown] = placed(context, text, { x, left, wide, width });
    if (at === null) continue;
    context.fillStyle = colours.sheet;
    context.globalAlpha = 0.85;
    context.fillRect(at - 2, y - 8, Math.min(wide, width - at) + 5, 16);
    context.globalAlpha = 1;
    context.fillStyle = colours[ink];
    context.fillText(shown, at, y + 0.5);
  }
};

const GAP = 6;
/** Less room than this is none. */
const LEAST_ROOM = 48;

/** Where a text goes, and what of it; null: nowhere. */
const placed = (
  context: Context,
  text: string,
  { x, left, wide, width }: { x: number; left?: number; wide: number; width: number },
): [number | null, string] => {
  const at = Math.max(4, x + GAP);
  const room = width - at;
  if (wide <= room) return [at, text];
  if (left !== undefined && left - GAP - 2 - wide > 0) return [left - GAP - 2 - wide, text];
  if (room < LEAST_ROOM) return [null, ""];
  let shown = text;
  do shown = shown.slice(0, Math.floor(shown.length * 0.9));
  while (context.measureText(`${shown}…`).width > room);
  return [at, `${shown}…`];
};
