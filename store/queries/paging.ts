import { createHash } from "node:crypto";
import { DqueueError } from "../../core/errors";

/** A page as the API hands it out; `next_cursor` null: it was the last. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface PageRequest {
  /** 1 to 1,000. */
  limit: number;
  cursor: string | null;
}

/** Where a page ended: the sort key of its last row. */
export type Position = readonly (string | number)[];

/** A cursor belongs to the list and filter that made it: with any other it is refused instead of skipping rows. */
const bindingOf = (filter: object): string =>
  createHash("sha256").update(JSON.stringify(filter)).digest("base64url").slice(0, 12);

/** The cursor by which the page behind a position is asked for, with the same filter. */
export const cursorOf = (filter: object, position: Position): string =>
  Buffer.from(JSON.stringify([bindingOf(filter), ...position])).toString("base64url");

/**
 * The position that a cursor stands for.
 * @param types what it consists of, in order.
 * @throws DqueueError INVALID_CURSOR.
 */
export const readCursor = (
  cursor: string | null,
  filter: object,
  types: readonly ("integer" | "uuid" | "text")[],
): Position | null => {
  if (cursor === null) return null;
  const [binding, ...position] = decode(cursor);
  const fits = position.length === types.length && types.every((type, i) => CHECKS[type](position[i]));
  if (!fits) throw invalidCursor("is not one that this list has given out");
  if (binding !== bindingOf(filter)) throw invalidCursor("belongs to another list or filter: repeat the same filter");
  return position as (string | number)[];
};

const CHECKS = {
  integer: (value: unknown): boolean => Number.isSafeInteger(value),
  uuid: (value: unknown): boolean => typeof value === "string" && isUuid(value),
  text: (value: unknown): boolean => typeof value === "string" && !value.includes("\0"),
};

const decode = (cursor: string): unknown[] => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};

const invalidCursor = (problem: string): DqueueError =>
  new DqueueError("INVALID_CURSOR", `The cursor ${problem}.`, { parameter: "cursor" });

/** Makes a page of `limit + 1` rows: the row too many says that there are more. */
export const pageOf = <Row, T>(
  rows: Row[],
  limit: number,
  filter: object,
  positionOf: (row: Row) => Position,
  itemOf: (row: Row) => T,
): Page<T> => {
  const items = rows.slice(0, limit);
  const more = rows.length > limit;
  return { items: items.map(itemOf), next_cursor: more ? cursorOf(filter, positionOf(items.at(-1)!)) : null };
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => UUID.test(text);
