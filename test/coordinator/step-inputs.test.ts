import type { StoredValue } from "../../core/messages";
import type { PlanInput } from "../../core/plan";
import type { ValueKey } from "../../core/records";
import type { OwnerStore } from "../../coordinator/ports";
import { type InputPlan, readInputs } from "../../coordinator/step-inputs";
import { ValueCache } from "../../coordinator/value-cache";

const keyOf = (i: number): ValueKey => ({ run: "r", step: `work[${i}]`, output: "result" });

/** A list of `count` small values, the first `cached` of which are in the cache. */
const readList = async (count: number, cached: number) => {
  const cache = new ValueCache();
  const keys = Array.from({ length: count }, (_, i) => keyOf(i));
  keys.slice(0, cached).forEach((key, i) => cache.put(key, { value: i }));
  const asked: number[] = [];
  const readValues = async (missing: ValueKey[]): Promise<StoredValue[]> => {
    asked.push(missing.length);
    return missing.map(() => ({ value: "read" }));
  };
  const plan: InputPlan = { input: { name: "in", list: true } as PlanInput, keys, count, values: [] };
  const [inputs] = await readInputs([[plan]], cache, { readValues } as unknown as OwnerStore);
  return { input: inputs!.in!, asked };
};

test("a list of small values that are at hand travels with the dispatch", async () => {
  const { input, asked } = await readList(9_000, 9_000);
  expect("list" in input && input.list.length).toBe(9_000);
  expect(asked).toEqual([]);
});

test("what is not at hand of a list is read", async () => {
  const { input, asked } = await readList(1_500, 600);
  expect("list" in input && input.list.at(-1)).toEqual({ value: "read" });
  expect(asked).toEqual([900]);
});

test("a list of which much would have to be read is left to the worker", async () => {
  const { input, asked } = await readList(1_500, 400);
  expect(input).toEqual({ pages: { input: "in", count: 1_500 } });
  expect(asked).toEqual([]);
});
