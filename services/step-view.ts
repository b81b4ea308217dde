import { DqueueError } from "../core/errors";
import type { Json } from "../core/json";
import type { StoredValue } from "../core/messages";
import { compilePlan, type PlanInput } from "../core/plan";
import { parseStepKey, stepKey } from "../core/step-key";
import type { Database } from "../store/database";
import { graphOfRun } from "../store/graphs";
import { loadListPage } from "../store/list-pages";
import { runNotFound } from "../store/end-of-runs";
import { getStep, type ItemRow, type StepRow } from "../store/queries/steps";
import { readValues } from "../store/read-values";
import { loadValues } from "../store/values";

/** A value as the API shows it; `missing`: its row is gone (retention). */
type Shown = Json | { missing: string };

/** What a step was given: a value, or the first elements of a list. */
type InputView = { value: Shown } | { list: Json[]; more: boolean };

/** A step in full, its values read in. */
export interface StepDetail extends Omit<StepRow, "outputs"> {
  outputs: Record<string, Shown> | null;
  inputs: Record<string, InputView>;
}

/** @throws DqueueError RUN_NOT_FOUND, STEP_NOT_FOUND. */
export const stepDetail = async (db: Database, run: string, key: string): Promise<StepDetail> => {
  const graph = await graphOfRun(db, run);
  if (!graph) throw runNotFound(run);
  const row = await getStep(db, run, key);
  if (!row) throw stepNotFound(run, key);
  const path = parseStepKey(key)?.path ?? [];
  const node = compilePlan(graph).nodes.get(row.node);
  const inputs: Record<string, InputView> = {};
  for (const input of node?.inputs ?? []) inputs[input.name] = await inputView(db, run, key, path, input);
  return { ...row, outputs: row.outputs && (await shownAll(db, row.outputs)), inputs };
};

export const stepNotFound = (run: string, key: string): DqueueError =>
  new DqueueError(
    "STEP_NOT_FOUND",
    `Run ${run} has no step "${key}". A step appears once it is ready to run; GET /api/runs/${run}/steps lists them.`,
    { run, step: key },
  );

/** Of a list input: enough to recognise it. */
const SHOWN_ELEMENTS = 100;

const inputView = async (
  db: Database,
  run: string,
  step: string,
  path: readonly string[],
  input: PlanInput,
): Promise<InputView> => {
  if (input.list || input.edges.some(({ kind }) => kind === "items" || kind === "collect")) {
    const { values, next } = await loadListPage(db, { run, step, input: input.name, offset: 0, rows: SHOWN_ELEMENTS });
    return { list: values, more: next !== null };
  }
  const [{ source, output, kind }] = input.edges as [PlanInput["edges"][number]];
  const own = stepKey(source.spec.name, path.slice(0, source.scope.length));
  const [stored] = await readValues(db, [
    kind === "item" ? { run, step: own, item: path[source.scope.length]! } : { run, step: own, output: output! },
  ]);
  return { value: stored ? await shown(db, stored) : null };
};

const shown = async (db: Database, stored: StoredValue): Promise<Shown> => (await shownAll(db, { stored })).stored!;

const shownAll = async (db: Database, stored: Record<string, StoredValue>): Promise<Record<string, Shown>> => {
  const refs = Object.values(stored).flatMap((value) => ("ref" in value ? [value.ref] : []));
  const loaded = refs.length > 0 ? await loadValues(db, refs) : new Map<string, Json>();
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [
      name,
      "value" in value ? value.value : (loaded.get(value.ref) ?? { missing: value.ref }),
    ]),
  );
};

/** Items with their values read in. */
export const shownItems = async (db: Database, items: readonly ItemRow[]) => {
  const values = await shownAll(db, Object.fromEntries(items.map(({ ordinal, value }) => [String(ordinal), value])));
  return items.map(({ key, ordinal }) => ({ key, ordinal, value: values[String(ordinal)] ?? null }));
};
