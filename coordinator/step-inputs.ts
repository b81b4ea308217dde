import type { InlineValue, StepInput, StoredValue } from "../core/messages";
import type { PlanEdge, PlanInput } from "../core/plan";
import type { ValueKey } from "../core/records";
import type { Run, Step } from "../core/run";
import { instance, instancesBelow } from "../core/run";
import type { OwnerStore } from "./ports";
import type { ValueCache } from "./value-cache";
import { roughSize } from "./value-cache";

/** Lists longer than this, or larger, are fetched by the worker in pages instead of travelling with the dispatch. */
const MAX_INLINE_ITEMS = 10_000;
const MAX_INLINE_BYTES = 256 * 1024;
/** A list of which more than this would have to be read from the database is left to the worker as well. */
const MAX_READ_ITEMS = 1_000;

/** One input of a step about to be dispatched, and where its values stand. */
export interface InputPlan {
  input: PlanInput;
  /** null: too many to travel; `count` of them. */
  keys: ValueKey[] | null;
  count: number;
  /** What has been found of them, in their order. */
  values: (StoredValue | undefined)[];
}

/** Names the values that a step receives, in the order in which it receives them. */
export const planInputs = (run: Run, step: Step): InputPlan[] =>
  step.node.inputs.map((input) => {
    const keys: ValueKey[] = [];
    for (const edge of input.edges) addKeys(run, step, edge, keys);
    return { input, keys: keys.length > MAX_INLINE_ITEMS ? null : keys, count: keys.length, values: [] };
  });

const addKeys = (run: Run, step: Step, edge: PlanEdge, keys: ValueKey[]): void => {
  const id = run.record.id;
  const output = edge.output!;
  const addOutput = (source: Step): void => {
    if (source.status === "SUCCESS" && !source.missing?.has(output)) keys.push({ run: id, step: source.key, output });
  };
  if (edge.kind === "collect") {
    for (const source of instancesBelow(run, edge.source, step.path)) addOutput(source);
    return;
  }
  const source = instance(run, edge.source, step.path)!;
  if (edge.kind === "item") keys.push({ run: id, step: source.key, item: step.path[edge.source.scope.length]! });
  else if (edge.kind === "items")
    for (const item of source.fan!.keys.keys()) keys.push({ run: id, step: source.key, item });
  else addOutput(source);
};

/**
 * Reads the inputs of many steps at once: from the cache what has just been reported, the rest in one query.
 * @throws Error when a value that must be there is not: the caller's actors do not agree with the database.
 */
export const readInputs = async (
  plans: readonly InputPlan[][],
  cache: ValueCache,
  store: OwnerStore,
): Promise<Record<string, StepInput>[]> => {
  const missing: { key: ValueKey; found: (value: StoredValue | undefined) => void }[] = [];
  for (const plan of plans)
    for (const input of plan) {
      if (input.keys === null) continue;
      // Held from here on: what is cached now may be forgotten while the rest is read.
      input.values = input.keys.map((key) => cache.get(key));
      const unknown = [...input.values.keys()].filter((i) => !input.values[i]);
      if (unknown.length > MAX_READ_ITEMS) input.keys = null;
      else
        for (const i of unknown)
          missing.push({ key: input.keys[i]!, found: (value) => void (input.values[i] = value) });
    }
  if (missing.length > 0) {
    const read = await store.readValues(missing.map(({ key }) => key));
    missing.forEach(({ found }, i) => found(read[i] ?? undefined));
  }
  return plans.map(inputsOf);
};

const inputsOf = (plan: readonly InputPlan[]): Record<string, StepInput> => {
  const inputs: Record<string, StepInput> = {};
  for (const input of plan) inputs[input.input.name] = inputOf(input);
  return inputs;
};

const inputOf = ({ input, keys, count, values }: InputPlan): StepInput => {
  const pages = { pages: { input: input.name, count } };
  if (keys === null) return pages;
  const valueAt = (i: number): StoredValue => {
    const value = values[i];
    if (!value) throw new Error(`The value ${JSON.stringify(keys[i])} is not in the database.`);
    return value;
  };
  if (!input.list) return valueAt(0);
  const inline: InlineValue[] = [];
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const value = valueAt(i);
    // Large as one reference may be, many of them may be more than a worker can hold: a stream would be one no longer.
    if ("ref" in value) return pages;
    size += roughSize(value.value);
    inline.push(value);
  }
  return size > MAX_INLINE_BYTES ? pages : { list: inline };
};
