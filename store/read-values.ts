import type { StoredValue } from "../core/messages";
import type { ValueKey } from "../core/records";
import type { Queryable } from "./database";

/**
 * Outputs and items by where they stand, in order; null where there is none. References stay references.
 * Two queries at most. By steps_pkey and items_pkey, always (`lateral … limit 1`): a join was planned as a scan of the
 * whole table while its statistics lagged behind, 100 ms for 1,000 values.
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
    `select asked.run_id as run, asked.step, s.outputs
     from unnest($1::uuid[], $2::text[]) as asked (run_id, step)
     cross join lateral (
       select outputs from steps where run_id = asked.run_id and step = asked.step and outputs is not null limit 1) s`,
    [asked.map((key) => key.run), asked.map((key) => key.step)],
    "dqueue_outputs",
  );
  return new Map(rows.map(({ run, step, outputs }) => [`${run} ${step}`, outputs]));
};

const readItems = async (db: Queryable, keys: readonly ValueKey[]): Promise<Map<string, StoredValue>> => {
  const asked = keys.flatMap((key) => ("item" in key ? [key] : []));
  if (asked.length === 0) return new Map();
  const { rows } = await db.query<{ run: string; step: string; key: string; value: StoredValue }>(
    `select asked.run_id as run, asked.step, asked.key, i.value
     from unnest($1::uuid[], $2::text[], $3::text[]) as asked (run_id, step, key)
     cross join lateral (
       select value from items where run_id = asked.run_id and step = asked.step and key = asked.key limit 1) i`,
    [asked.map((key) => key.run), asked.map((key) => key.step), asked.map((key) => key.item)],
    "dqueue_items",
  );
  return new Map(rows.map(({ run, step, key, value }) => [`${run} ${step} ${key}`, value]));
};
