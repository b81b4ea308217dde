import type { Moment } from "../../steps/past-state";
import { CODE, type Steps } from "../../steps/steps";
import { KIND, type Rects } from "./rects";
import type { Scale } from "./scale";

/** From bottom to top: the worst on top, where it is seen. */
const STACK = [KIND.success, KIND.started, KIND.canceled, KIND.failure, KIND.lost] as const;
const LAYERS = STACK.length;
const LAYER_OF_STATUS: readonly number[] = [0, 0, 1, 3, 0, 3, 2, 2];
const RUNNING_LAYER = 1;
const LOST_LAYER = 4;

/** Width of a column, in pixels; between two of them one stays free. */
export const COLUMN = 3;

/** Slots in use by columns of time, in layers. `most`: of all columns. */
export interface Density {
  columns: number;
  layers: Float32Array<ArrayBuffer>;
  most: number;
}

/**
 * How many of some steps ran, on average, in each column of the scale.
 * @param buffer of an earlier call, to be used again.
 */
export const densityOf = (
  steps: Steps,
  of: readonly number[],
  { scale, moment, buffer }: { scale: Scale; moment: Moment; buffer?: Float32Array<ArrayBuffer> },
): Density => {
  const columns = Math.ceil(scale.width / COLUMN);
  const size = columns * LAYERS;
  const layers = buffer && buffer.length >= size ? buffer.fill(0) : new Float32Array(size);
  for (const step of of) {
    const from = steps.started[step]!;
    const layer =
      steps.lost[step]! > 0 && moment.status[step] === CODE.FAILURE
        ? LOST_LAYER
        : LAYER_OF_STATUS[moment.status[step]!]!;
    if (from <= moment.at)
      spread(layers, columns, layer, scale, from, Math.min(steps.ended[step]! || Infinity, moment.at));
    if (steps.past.size === 0) continue;
    for (const past of steps.past.get(step) ?? [])
      if (past.ended <= moment.at)
        spread(layers, columns, past.outcome === "FAILURE" ? 3 : LOST_LAYER, scale, past.started, past.ended);
      else if (past.started <= moment.at) spread(layers, columns, RUNNING_LAYER, scale, past.started, moment.at);
  }
  return { columns, layers, most: mostOf(layers, columns) };
};

const spread = (layers: Float32Array, columns: number, layer: number, scale: Scale, from: number, to: number): void => {
  const x0 = scale.x(from) / COLUMN;
  const x1 = scale.x(to) / COLUMN;
  const base = layer * columns;
  const first = Math.max(0, Math.floor(x0));
  const last = Math.min(columns - 1, Math.floor(x1));
  if (first === last && x0 >= 0) {
    layers[base + first]! += x1 - x0;
    return;
  }
  for (let column = first; column <= last; column++)
    layers[base + column]! += Math.min(x1, column + 1) - Math.max(x0, column);
};

const mostOf = (layers: Float32Array, columns: number): number => {
  let most = 0;
  for (let column = 0; column < columns; column++) {
    const sum = heightAt(layers, columns, column);
    if (sum > most) most = sum;
  }
  return most;
};

/** Slots in use in a column. */
export const heightAt = (layers: Float32Array, columns: number, column: number): number => {
  let sum = 0;
  for (let layer = 0; layer < LAYERS; layer++) sum += layers[layer * columns + column]!;
  return sum;
};

/** Draws a strip of columns on a ground line. What has failed is seen, however small: 2 px at least. */
export const layDensity = (rects: Rects, { columns, layers, most }: Density, bottom: number, high: number): void => {
  if (most === 0) return;
  for (let column = 0; column < columns; column++) {
    let y = bottom;
    for (let layer = 0; layer < LAYERS; layer++) {
      const value = layers[layer * columns + column]!;
      if (value <= 0) continue;
      const tall = Math.max(layer >= 3 ? 2 : 0.5, (value / most) * high);
      const top = Math.max(bottom - high, y - tall);
      rects.add(STACK[layer]!, column * COLUMN, top, COLUMN - 0.5, y - top, -1);
      y = top;
    }
  }
};
