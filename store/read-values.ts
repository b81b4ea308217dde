import type { StoredValue } from "../core/messages";
import type { ValueKey } from "../core/records";
import type { Queryable } from "./database";

/**
 * Outputs and items by where they stand, in order; null where there is none. References stay references.
 * Two queries at most. By steps_pkey and items_pkey.
 */
export const readValues = async (db: Queryable, keys: readonly ValueKey[]): Promise<(StoredValue | null)[]> => {
  const outputs = await readOutputs(db, keys);
  const items = await readItems(db, keys);
  return keys.map((key) =>
    "item" in key
      ? (items.get(`${key.run} ${key.step} ${key.item}`) ?? null)
      : (outputs.get(`${key.run} ${key.step}`)?.[key.output] ?? null),
  );
};

/** The outputs of a step come whole, and are taken apart here: SQL's `->` fails on JSON that holds a NUL anywhere. */
const readOutputs = async (
  db: Queryable,
  keys: readonly ValueKey[],
): Promise<Map<string, Record<string, StoredValue>>> => {
  const steps = new Map(keys.flatMap((key) => ("output" in key ? [[`${key.run} ${key.step}`, key] as const] : [])));
  if (steps.size === 0) return new Map();
  const asked = [...steps.values()];
  const { rows } = await db.query<{ run: string; step: string; outputs: Record<string, StoredValue> }>(
    `select s.run_id as run, s.step, s.outputs
     from unnest($1::uuid[], $2::text[]) as asked (run_id, step)
     join steps s on s.run_id = asked.run_id and s.step = asked.step
     where s.outputs is not null`,
    [asked.map((key) => key.run), asked.map((key) => key.step)],
    "dqueue_outputs",
  );
  return new Map(rows.map(({ run, step, outputs }) => [`${run} ${step}`, outputs]));
};

const readItems = async (db: Queryable, keys: readonly ValueKey[]): Promise<Map<string, StoredValue>> => {
  const asked = keys.flatMap((key) => ("item" in key ? [key] : []));
  if (asked.length === 0) return new Map();
  const { rows } = await db.query<{ run: string; step: string; key: string; value: StoredValue }>(
    `select i.run_id as run, i.step, i.key, i.value
     from unnest($1::uuid[], $2::text[], $3::text[]) as asked (run_id, step, key)
     join items i on i.run_id = asked.run_id and i.step = asked.step and i.key = asked.key`,
    [asked.map((key) => key.run), asked.map((key) => key.step), asked.map((key) => key.item)],
    "dqueue_items",
  );
  return new Map(rows.map(({ run, step, key, value }) => [`${run} ${step} ${key}`, value]));
};
