import { USES, type Usage } from "../../steps/usage";
import { KIND, type Rects } from "./rects";
import type { Scale } from "./scale";

/** Width of a column, in pixels; between two of them one stays free. */
export const COLUMN = 3;
/** What failed and what was lost. */
const FIRST_BAD = USES.indexOf("failure");

/** Slots in use by columns of time, use by use. `most`: of all columns. */
export interface Density {
  columns: number;
  slots: Float32Array<ArrayBuffer>;
  most: number;
}

/**
 * How many slots were in use, on average, in each column of the scale.
 * @param now what has not ended goes on up to here.
 */
export const densityOf = (usages: Iterable<Usage>, scale: Scale, now: number): Density => {
  const columns = Math.ceil(scale.width / COLUMN);
  const bounds = Float64Array.from({ length: columns + 1 }, (_, column) => scale.at(column * COLUMN));
  const slots = new Float32Array(columns * USES.length);
  for (const usage of usages) usage.addTo(slots, bounds, now);
  let most = 0;
  for (let column = 0; column < columns; column++) most = Math.max(most, heightAt({ columns, slots }, column));
  return { columns, slots, most };
};

/** Slots in use in a column. */
export const heightAt = ({ columns, slots }: Pick<Density, "columns" | "slots">, column: number): number => {
  let sum = 0;
  for (let use = 0; use < USES.length; use++) sum += slots[use * columns + column]!;
  return sum;
};

/** Draws a strip of columns on a ground line. What has failed is seen, however small: 2 px at least. */
export const layDensity = (rects: Rects, { columns, slots, most }: Density, bottom: number, high: number): void => {
  if (most === 0) return;
  for (let column = 0; column < columns; column++) {
    let y = bottom;
    for (let use = 0; use < USES.length; use++) {
      const value = slots[use * columns + column]!;
      if (value <= 0) continue;
      const tall = Math.max(use >= FIRST_BAD ? 2 : 0.5, (value / most) * high);
      const top = Math.max(bottom - high, y - tall);
      rects.add(KIND[USES[use]!], column * COLUMN, top, COLUMN - 0.5, y - top, -1);
      y = top;
    }
  }
};

/** What came after a moment of the past, as high as what had been and without a status. */
export const layLaterDensity = (
  rects: Rects,
  density: Density,
  { bottom, high, most, from }: { bottom: number; high: number; most: number; from: number },
): void => {
  const tallest = Math.max(most, density.most);
  for (let column = Math.max(0, Math.ceil(from / COLUMN)); column < density.columns; column++) {
    const tall = (heightAt(density, column) / tallest) * high;
    if (tall > 0) rects.add(KIND.later, column * COLUMN, bottom - tall, COLUMN - 0.5, tall, -1);
  }
};
