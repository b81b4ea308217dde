import { DqueueError } from "../core/errors";
import type { GraphSnapshot } from "../core/graph";
import { suggestion } from "../core/nearest";
import { compilePlan, type Plan, type PlanNode } from "../core/plan";
import type { Selection } from "../core/records";
import { areaBehind } from "./rerun-area";

/** One thing wrong with the list of ops. */
type Flaw = { pointer: string; message: string };

/**
 * Reads which ops of a job a new run performs: `op`, `*op` with all that it stands on, `op+` with all that follows it,
 * `*op+` with both. Null: everything.
 * @throws DqueueError INVALID_SELECTION with `errors`, each naming its entry: unknown ops, steps of one item, and ops whose
 * sources are left out.
 */
export const selectOps = (graph: GraphSnapshot, entries: readonly string[]): Selection[] | null => {
  const plan = compilePlan(graph);
  const chosen = new Set<PlanNode>();
  const named: { index: number; node: PlanNode }[] = [];
  const flaws: Flaw[] = [];
  entries.forEach((entry, index) => {
    const node = plan.nodes.get(nameIn(entry));
    if (!node) return flaws.push({ pointer: `/steps/${index}`, message: unknown(plan, entry) });
    if (entry.startsWith("*")) for (const before of allBefore(node)) chosen.add(before);
    if (entry.endsWith("+"))
      for (const { node: name } of areaBehind(plan, [{ node: node.spec.name, path: [] }], { follow: true }).values())
        chosen.add(plan.nodes.get(name)!);
    chosen.add(node);
    return named.push({ index, node });
  });
  if (flaws.length === 0) flaws.push(...leftOut(entries, named, chosen));
  if (flaws.length > 0) throw new DqueueError("INVALID_SELECTION", `${flaws[0]!.message}.`, { errors: flaws });
  return chosen.size === graph.nodes.length ? null : [...chosen].map(({ spec }) => ({ node: spec.name, path: [] }));
};

const nameIn = (entry: string): string => entry.replace(/^\*/, "").replace(/\+$/, "");

const unknown = ({ graph, nodes }: Plan, entry: string): string => {
  const name = nameIn(entry);
  const op = name.split("[", 1)[0]!;
  if (name !== op && nodes.has(op))
    return `"${entry}" names a step of one item, and a new run has no items yet: choose "${op}"`;
  return `"${entry}" names the op "${name}", which job "${graph.job}" does not have${suggestion(name, [...nodes.keys()])}`;
};

/** What a node reads, waits for or stands below. */
const sourcesOf = ({ scope, inputs, after }: PlanNode): PlanNode[] => [
  ...scope,
  ...[...inputs.flatMap(({ edges }) => edges), ...after].map(({ source }) => source),
];

const allBefore = (node: PlanNode): Set<PlanNode> => {
  const found = new Set([node]);
  // What is added while the set is gone through is gone through too.
  for (const one of found) for (const source of sourcesOf(one)) found.add(source);
  return found;
};

/** Entries that bring an op in whose source does not run: nothing would come to it. */
const leftOut = (
  entries: readonly string[],
  named: readonly { index: number; node: PlanNode }[],
  chosen: ReadonlySet<PlanNode>,
): Flaw[] => {
  const missing = [...chosen].flatMap((node) => {
    const source = sourcesOf(node).find((one) => !chosen.has(one));
    return source ? [{ node, source }] : [];
  });
  return missing.slice(0, 1).map(({ node, source }) => {
    const op = node.spec.name;
    const { index } = named.find((one) => one.node === node) ?? named.at(-1)!;
    return {
      pointer: `/steps/${index}`,
      message: `"${entries[index]}" runs "${op}", which needs "${source.spec.name}": choose "*${op}" to run all that it needs`,
    };
  });
};
