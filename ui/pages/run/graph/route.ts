import type { Chain, Slot } from "./layout";

/** Between two layers: room above and below the tracks, and between them. */
const MARGIN = 8;
const TRACK = 6;
const LEAST = 23;

/** A piece of an edge between two neighbouring layers. */
interface Piece {
  from: Slot;
  to: Slot;
  start: number;
  end: number;
  /** Which of the tracks between the layers it turns in; null: it goes straight. */
  track: number | null;
}

interface Routed {
  depth: number;
  tops: Map<Slot, number>;
  lines: { from: string; to: string; points: [number, number][] }[];
}

/**
 * Edges in tracks between the layers. Those of one fan-out, or of one fan-in, share a track, so that they read as one
 * line that branches; no line crosses a node.
 */
export const routed = (layers: readonly Slot[][], chains: readonly Chain[]): Routed => {
  const pieces = new Map(chains.map((chain) => [chain, piecesOf(chain)]));
  const byLayer: Piece[][] = layers.map(() => []);
  for (const some of pieces.values()) for (const piece of some) byLayer[piece.from.layer]!.push(piece);
  const tracks = byLayer.map(trackAll);
  const tops = new Map<Slot, number>();
  const bottoms: number[] = [];
  let y = 0;
  layers.forEach((layer, i) => {
    const depth = Math.max(...layer.map((slot) => slot.depth));
    for (const slot of layer) tops.set(slot, y + (depth - slot.depth) / 2);
    bottoms.push(y + depth);
    y += depth + Math.max(LEAST, 2 * MARGIN + (tracks[i]! - 1) * TRACK);
  });
  const depth = bottoms.at(-1) ?? 0;
  const lineOf = (some: readonly Piece[]): [number, number][] =>
    some.flatMap(({ from, to, start, end, track }): [number, number][] => {
      const turn = bottoms[from.layer]! + MARGIN + (track ?? 0) * TRACK;
      return [
        [start, tops.get(from)! + from.depth],
        ...(track === null ? [] : [[start, turn] as [number, number], [end, turn] as [number, number]]),
        [end, tops.get(to)!],
      ];
    });
  const lines = [...pieces].map(([chain, some]) => ({
    from: chain[0]!.id,
    to: chain.at(-1)!.id,
    points: lineOf(some),
  }));
  return { depth, tops, lines };
};

const piecesOf = (chain: Chain): Piece[] =>
  chain.slice(1).map((to, i) => {
    const from = chain[i]!;
    let [start, end] = [from.x, to.x];
    const near = Math.abs(start - end);
    // An edge that is nearly straight becomes so, where no other shares its end.
    if (!from.passes && near < from.width / 2 - 12 && from.out.length === 1) start = end;
    else if (!to.passes && near < to.width / 2 - 12 && to.in.length === 1) end = start;
    return { from, to, start, end, track: Math.abs(start - end) < 1 ? null : 0 };
  });

/** Gives each net the first track in which it touches no other. Returns the number of tracks. */
const trackAll = (pieces: readonly Piece[]): number => {
  const nets = new Map<string, Piece[]>();
  for (const piece of pieces) {
    if (piece.track === null) continue;
    const key =
      piece.to.in.length > 1 && piece.from.out.length === 1 ? `to ${idOf(piece.to)}` : `of ${idOf(piece.from)}`;
    nets.set(key, [...(nets.get(key) ?? []), piece]);
  }
  const spans = [...nets.values()]
    .map((net) => {
      const ends = net.flatMap(({ start, end }) => [start, end]);
      return { net, low: Math.min(...ends), high: Math.max(...ends) };
    })
    .sort((a, b) => b.high - b.low - (a.high - a.low));
  const tracks: (typeof spans)[] = [];
  for (const span of spans) {
    const free = tracks.findIndex((track) =>
      track.every(({ low, high }) => high + 8 < span.low || low - 8 > span.high),
    );
    const track = free < 0 ? tracks.length : free;
    (tracks[track] ??= []).push(span);
    for (const piece of span.net) piece.track = track;
  }
  return tracks.length;
};

const idOf = ({ id, layer }: Slot): string => `${id} ${layer}`;

const RADIUS = 5;

/** A line with round corners, as an SVG path. */
export const pathOf = (points: readonly (readonly [number, number])[]): string => {
  const [first, ...rest] = points.filter(([x, y], i) => i === 0 || x !== points[i - 1]![0] || y !== points[i - 1]![1]);
  if (!first) return "";
  let path = `M${first[0]} ${first[1]}`;
  let before = first;
  rest.forEach((corner, i) => {
    const next = rest[i + 1];
    if (!next) return void (path += `L${corner[0]} ${corner[1]}`);
    const radius = Math.min(RADIUS, distance(before, corner) / 2, distance(corner, next) / 2);
    const [a, b] = [towards(corner, before, radius), towards(corner, next, radius)];
    path += `L${a[0]} ${a[1]}Q${corner[0]} ${corner[1]} ${b[0]} ${b[1]}`;
    before = corner;
  });
  return path;
};

type Point = readonly [number, number];
const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.hypot(ax - bx, ay - by);
const towards = (from: Point, to: Point, by: number): Point => {
  const far = distance(from, to) || 1;
  const part = (a: number, b: number): number => Math.round(10 * (a + ((b - a) * by) / far)) / 10;
  return [part(from[0], to[0]), part(from[1], to[1])];
};
