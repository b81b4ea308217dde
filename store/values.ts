import type { Json } from "../core/json";
import type { Queryable } from "./database";
import { refusesData, unstorable } from "./errors";

/** A value too large to travel inline. `size`: bytes of its JSON. */
export interface LargeValue {
  id: string;
  run: string;
  value: Json;
  size: number;
}

/** Stores a value, before the report that names it; the same id again changes nothing. Fails with UNSTORABLE. */
export const storeValue = async (db: Queryable, { id, run, value, size }: LargeValue): Promise<void> => {
  try {
    await db.query(
      `insert into "values" (id, run_id, value, size) values ($1, $2, $3::json, $4) on conflict (id) do nothing`,
      [id, run, JSON.stringify(value), size],
    );
  } catch (error) {
    throw refusesData(error) ? unstorable(error) : error;
  }
};

/** Values by id; one that is not there (any more) is absent. */
export const loadValues = async (db: Queryable, ids: readonly string[]): Promise<Map<string, Json>> => {
  const { rows } = await db.query<{ id: string; value: Json }>(
    `select id, value from "values" where id = any($1::text[])`,
    [ids],
  );
  return new Map(rows.map(({ id, value }) => [id, value]));
};

/** One value by id; undefined where it is not there (null is a value). */
export const loadValue = async (db: Queryable, id: string): Promise<Json | undefined> =>
  (await loadValues(db, [id])).get(id);
