import { DqueueError } from "../core/errors";
import type { PlanEdge, PlanNode } from "../core/plan";
import type { Selection } from "../core/records";
import type { Run } from "../core/run";
import { instance, instancesBelow } from "../core/run";
import { parseStepKey, stepKey } from "../core/step-key";
import { type Area, areaBehind, encloses } from "./rerun-area";

/** One thing wrong with the list of steps. */
type Flaw = { pointer: string; message: string };

/**
 * Reads what of an ended run is to run again: `node`, `node[key]`, each perhaps with a `+` for all that follows.
 * @throws DqueueError INVALID_SELECTION with `errors`, each naming its entry: unknown steps and keys, and steps whose
 * input neither stands in the run nor is made again.
 */
export const readSelection = (run: Run, entries: readonly string[]): Area => {
  const flaws: Flaw[] = [];
  const chosen: Area = new Map();
  const placed: { index: number; part: Selection }[] = [];
  entries.forEach((entry, index) => {
    const read = readEntry(run, entry);
    if (typeof read === "string") return flaws.push({ pointer: `/steps/${index}`, message: read });
    placed.push({ index, part: read.part });
    for (const [place, part] of areaBehind(run.plan, [read.part], { follow: read.follow })) chosen.set(place, part);
    return undefined;
  });
  if (flaws.length === 0) {
    for (const { index, part } of placed) {
      const missing = missingInput(run, part, chosen);
      if (missing) flaws.push({ pointer: `/steps/${index}`, message: `"${entries[index]}" ${missing}` });
    }
  }
  if (flaws.length === 0) return chosen;
  throw new DqueueError("INVALID_SELECTION", `${flaws[0]!.message}.`, { errors: flaws });
};

const readEntry = (run: Run, entry: string): { part: Selection; follow: boolean } | string => {
  const follow = entry.endsWith("+");
  const parsed = parseStepKey(follow ? entry.slice(0, -1) : entry);
  if (!parsed) return `"${entry}" is not a step key: it is written node, node[key] or either with a + behind it`;
  const node = run.plan.nodes.get(parsed.node);
  if (!node)
    return `"${entry}" names the step "${parsed.node}", which job "${run.record.job}" did not have in this run`;
  const { path } = parsed;
  if (path.length > node.scope.length)
    return `"${entry}" has ${path.length} keys, but "${parsed.node}" has ${node.scope.length}`;
  for (let depth = 0; depth < path.length; depth++) {
    const generator = node.scope[depth]!;
    const fan = run.steps.get(stepKey(generator.spec.name, path.slice(0, depth)))?.fan;
    if (!fan?.keys.has(path[depth]!))
      return `"${entry}" has the key "${path[depth]}", which "${generator.spec.name}" did not yield in this run`;
  }
  return { part: { node: parsed.node, path }, follow };
};

/** Why an instance of the part could not run; null: all that it reads is there or is made again. */
const missingInput = (run: Run, { node: name, path }: Selection, chosen: Area): string | null => {
  const node = run.plan.nodes.get(name)!;
  for (let depth = 0; depth < node.scope.length; depth++) {
    const generator = node.scope[depth]!;
    const made = run.steps.get(stepKey(generator.spec.name, path.slice(0, depth)));
    // Deeper ones are asked instance by instance.
    if (depth > path.length) break;
    if (encloses(chosen, generator, path.slice(0, depth)))
      return depth < path.length
        ? `is a step of one item, but "${generator.spec.name}" runs again and makes its items anew: choose "${name}"`
        : null;
    if (made?.status !== "SUCCESS") return unmet(stepKey(generator.spec.name, path.slice(0, depth)));
  }
  for (const step of instancesBelow(run, node, path)) {
    for (const { input, edge } of edgesOf(node)) {
      const missing = missingSource(run, step.path, edge, chosen, input);
      if (missing) return missing;
    }
  }
  return null;
};

/** How forgiving the reader is of sources that did not come. */
interface Reading {
  list: boolean;
  omitFailed: boolean;
}

const edgesOf = (node: PlanNode): { input: Reading; edge: PlanEdge }[] => [
  ...node.inputs.flatMap((input) => input.edges.map((edge) => ({ input, edge }))),
  ...node.after.map((edge) => ({ input: { list: false, omitFailed: false }, edge })),
];

const missingSource = (
  run: Run,
  path: readonly string[],
  { source, kind }: PlanEdge,
  chosen: Area,
  { list, omitFailed }: Reading,
): string | null => {
  if (kind === "collect") return missingCollected(run, path, source, chosen, omitFailed);
  const own = path.slice(0, source.scope.length);
  if (encloses(chosen, source, own)) return null;
  const step = instance(run, source, own);
  if (step?.status === "SUCCESS") return null;
  if (list && step?.status === "SKIPPED" && step.skipReason === "NO_OUTPUT") return null;
  return unmet(stepKey(source.spec.name, own));
};

const missingCollected = (
  run: Run,
  path: readonly string[],
  source: PlanNode,
  chosen: Area,
  omitFailed: boolean,
): string | null => {
  const generator = source.scope.at(-1)!;
  const own = path.slice(0, generator.scope.length);
  if (encloses(chosen, generator, own)) return null;
  const made = instance(run, generator, own);
  if (made?.status !== "SUCCESS") return unmet(stepKey(generator.spec.name, own));
  for (const step of instancesBelow(run, source, own)) {
    if (step.status === "SUCCESS" || encloses(chosen, source, step.path)) continue;
    const left = step.status === "SKIPPED" && step.skipReason === "NO_OUTPUT";
    if (!left && !omitFailed) return unmet(step.key);
  }
  return null;
};

const unmet = (key: string): string =>
  `needs the result of "${key}", which did not succeed in this run: choose that step too`;
