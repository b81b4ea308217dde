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

/** The inputs of a step about to be dispatched, and where their values stand. */
export interface InputPlan {
  input: PlanInput;
  /** null: too many to travel; `count` of them. */
  keys: ValueKey[] | null;
  count: number;
}

/** Names the values that a step receives, in the order in which it receives them. */
export const planInputs = (run: Run, step: Step): InputPlan[] =>
  step.node.inputs.map((input) => {
    const keys: ValueKey[] = [];
    for (const edge of input.edges) for (const key of valuesOf(run, step, edge)) keys.push(key);
    return { input, keys: keys.length > MAX_INLINE_ITEMS ? null : keys, count: keys.length };
  });

function* valuesOf(run: Run, step: Step, edge: PlanEdge): Generator<ValueKey> {
  const id = run.record.id;
  const output = edge.output!;
  if (edge.kind === "collect") {
    for (const source of instancesBelow(run, edge.source, step.path))
      if (source.status === "SUCCESS" && !source.missing?.has(output)) yield { run: id, step: source.key, output };
    return;
  }
  const source = instance(run, edge.source, step.path)!;
  if (edge.kind === "item") yield { run: id, step: source.key, item: step.path[edge.source.scope.length]! };
  else if (edge.kind === "items") for (const item of source.fan!.keys.keys()) yield { run: id, step: source.key, item };
  else if (source.status === "SUCCESS" && !source.missing?.has(output)) yield { run: id, step: source.key, output };
}

/**
 * Reads the inputs of many steps at once: from the cache what has just been reported, the rest in one query.
 * @throws Error when a value that must be there is not: the caller's actors do not agree with the database.
 */
export const readInputs = async (
  plans: readonly InputPlan[][],
  cache: ValueCache,
  store: OwnerStore,
): Promise<Record<string, StepInput>[]> => {
  // Held from here on: what is cached now may be forgotten while the rest is read.
  const found = new Map<ValueKey, StoredValue>();
  const missing: ValueKey[] = [];
  for (const plan of plans)
    for (const input of plan) {
      const unknown: ValueKey[] = [];
      for (const key of input.keys ?? []) {
        const cached = cache.get(key);
        if (cached) found.set(key, cached);
        else unknown.push(key);
      }
      if (unknown.length > MAX_READ_ITEMS) input.keys = null;
      else for (const key of unknown) missing.push(key);
    }
  if (missing.length > 0) {
    const read = await store.readValues(missing);
    missing.forEach((key, i) => read[i] && found.set(key, read[i]));
  }
  const valueOf = (key: ValueKey): StoredValue => {
    const value = found.get(key);
    if (!value) throw new Error(`The value ${JSON.stringify(key)} is not in the database.`);
    return value;
  };
  return plans.map((plan) => inputsOf(plan, valueOf));
};

const inputsOf = (plan: readonly InputPlan[], valueOf: (key: ValueKey) => StoredValue): Record<string, StepInput> => {
  const inputs: Record<string, StepInput> = {};
  for (const input of plan) inputs[input.input.name] = inputOf(input, valueOf);
  return inputs;
};

const inputOf = ({ input, keys, count }: InputPlan, valueOf: (key: ValueKey) => StoredValue): StepInput => {
  const pages = { pages: { input: input.name, count } };
  if (keys === null) return pages;
  const values = keys.map(valueOf);
  if (!input.list) return values[0]!;
  const inline: InlineValue[] = [];
  let size = 0;
  for (const value of values) {
    // Large as one reference may be, many of them may be more than a worker can hold: a stream would be one no longer.
    if ("ref" in value) return pages;
    size += roughSize(value.value);
    inline.push(value);
  }
  return size > MAX_INLINE_BYTES ? pages : { list: inline };
};
