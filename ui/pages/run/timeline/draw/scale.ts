/** A stretch of time, in ms since the run's creation. */
export interface Span {
  from: number;
  to: number;
}

/** A stretch where it is drawn. */
export interface Fold extends Span {
  x: number;
  width: number;
}

interface Piece extends Fold {
  folded: boolean;
}

/** A folded stretch takes so many pixels, whatever it lasts. */
export const FOLD_PX = 34;

/** From time to pixels and back; stretches that are folded are narrow. */
export class Scale {
  private readonly pieces: Piece[] = [];

  constructor(
    readonly view: Span,
    readonly width: number,
    folds: readonly Span[] = [],
  ) {
    const inside = folds.filter(({ from, to }) => from > view.from && to < view.to);
    const shown = view.to - view.from - inside.reduce((sum, { from, to }) => sum + to - from, 0);
    const perMs = Math.max(0, width - inside.length * FOLD_PX) / shown;
    let [at, x] = [view.from, 0];
    const add = (to: number, folded: boolean): void => {
      const wide = folded ? FOLD_PX : (to - at) * perMs;
      this.pieces.push({ from: at, to, x, width: wide, folded });
      [at, x] = [to, x + wide];
    };
    for (const fold of inside) {
      add(fold.from, false);
      add(fold.to, true);
    }
    add(view.to, false);
  }

  /** Of the narrow stretches: where they are drawn. */
  get folds(): readonly Fold[] {
    return this.pieces.filter(({ folded }) => folded);
  }

  x(at: number): number {
    const { pieces } = this;
    const piece = pieces.length === 1 ? pieces[0]! : (pieces.find(({ to }) => at <= to) ?? pieces.at(-1)!);
    return piece.x + ((at - piece.from) * piece.width) / (piece.to - piece.from);
  }

  at(x: number): number {
    const piece = this.pieces.find((one) => x <= one.x + one.width) ?? this.pieces.at(-1)!;
    return piece.from + ((x - piece.x) * (piece.to - piece.from)) / (piece.width || 1);
  }
}

/** Enough for one of them to lie within, wherever it begins. */
const PARTS_PER_STRETCH = 4;

const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400].map((s) => s * 1000),
);

/** Round times across a scale, at least `gap` pixels apart. */
export const ticksOf = (scale: Scale, gap = 70): { at: number; x: number }[] => {
  const { view, width } = scale;
  const folded = scale.folds.reduce((sum, { from, to }) => sum + to - from, 0);
  const least = ((view.to - view.from - folded) * gap) / Math.max(1, width);
  const step = STEPS_MS.find((ms) => ms >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000;
  const ticks: { at: number; x: number }[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const fold = scale.folds.find(({ from, to }) => at > from && at < to);
    if (fold) at = Math.floor(fold.to / step) * step;
    else ticks.push({ at, x: scale.x(at) });
  }
  return ticks;
};

/** `00:31`, `1:02:03`; with `digits` parts of a second: `00:31.5`. */
export const offsetText = (at: number, digits = 0): string => {
  const parts = Math.round((at * 10 ** digits) / 1000);
  const s = Math.floor(parts / 10 ** digits);
  const two = (n: number): string => String(n).padStart(2, "0");
  const text = `${s < 3600 ? "" : `${Math.floor(s / 3600)}:`}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return digits > 0 ? `${text}.${String(parts % 10 ** digits).padStart(digits, "0")}` : text;
};

/** So many digits of a second tell ticks apart. */
export const digitsOf = (ticks: readonly { at: number }[]): number => {
  const nearest = Math.min(...ticks.slice(1).map(({ at }, before) => at - ticks[before]!.at));
  return nearest >= 1_000 ? 0 : nearest >= 100 ? 1 : nearest >= 10 ? 2 : 3;
};

/**
 * Stretches in which nothing runs, each longer than `share` of the whole.
 * @param begins of what runs, in any order, as `ends`; of what has no end yet there is none.
 */
export const idleStretches = (
  begins: ArrayLike<number>,
  ends: ArrayLike<number>,
  whole: Span,
  share: number,
): Span[] => {
  const least = (whole.to - whole.from) * share;
  const idle: Span[] = [];
  // A stretch as long as that holds a whole part of the time in which nothing begins or ends: no need to sort.
  const parts = Math.ceil(PARTS_PER_STRETCH / share);
  const perMs = parts / (whole.to - whole.from);
  const partOf = (at: number): number => Math.min(parts - 1, Math.max(0, Math.floor((at - whole.from) * perMs)));
  const [first, last] = [new Float64Array(parts).fill(Infinity), new Float64Array(parts).fill(-Infinity)];
  const open = new Int32Array(parts);
  for (let i = 0; i < begins.length; i++) {
    const at = begins[i]!;
    const part = partOf(at);
    open[part]!++;
    if (at < first[part]!) first[part] = at;
  }
  for (let i = 0; i < ends.length; i++) {
    const at = ends[i]!;
    const part = partOf(at);
    open[part]!--;
    if (at > last[part]!) last[part] = at;
  }
  let [from, running] = [whole.from, 0];
  for (let part = 0; part < parts; part++) {
    if (running === 0 && first[part]! - from > least && first[part]! < Infinity) idle.push({ from, to: first[part]! });
    running += open[part]!;
    from = Math.max(from, last[part]!);
  }
  // A little of it stays, so that what ends and what begins can be seen.
  const margin = least / 20;
  return idle.map(({ from, to }) => ({ from: from + margin, to: to - margin }));
};

/** Of the chart of a run that goes on. */
const GROWTH = 1.2;

/**
 * What the chart spans: all that has happened, and room for words. It grows by fifths, so that the drawing of a run that
 * goes on stands still most of the time.
 * @param before how far it reached: a guess that wavers moves nothing.
 */
export const wholeOf = (end: number, ended: boolean, before: number): Span => {
  if (ended) return { from: 0, to: Math.max(end, 1) * 1.12 };
  const least = end * 1.05;
  if (before >= least && before <= least * GROWTH ** 3) return { from: 0, to: before };
  let to = 1_000;
  while (to < least) to *= GROWTH;
  return { from: 0, to };
};
