import type { GraphNode } from "../../../client";

/** Entries of a list of steps as somebody writes it, with commas between them. */
export const entriesOf = (text: string): string[] =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);

/** What a node reads from, waits for, or stands below. */
const sourcesOf = ({ scope, after, inputs }: GraphNode): string[] => [
  ...scope,
  ...after,
  ...inputs.flatMap(({ sources }) => sources.map(({ node }) => node)),
];

/** Sources before what they feed. */
export const inOrder = (nodes: readonly GraphNode[]): GraphNode[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<GraphNode>();
  const visit = (node: GraphNode): void => {
    if (done.has(node)) return;
    for (const name of sourcesOf(node)) {
      const source = byName.get(name);
      if (source && !done.has(source)) visit(source);
    }
    done.add(node);
  };
  nodes.forEach(visit);
  return [...done];
};

/** A node and all that it needs. */
const before = (nodes: readonly GraphNode[], name: string): Set<string> => {
  const found = new Set([name]);
  for (const node of [...nodes].reverse()) if (found.has(node.name)) for (const one of sourcesOf(node)) found.add(one);
  return found;
};

/** A node and all that needs it. */
const behind = (nodes: readonly GraphNode[], name: string): Set<string> => {
  const found = new Set([name]);
  for (const node of nodes) if (sourcesOf(node).some((source) => found.has(source))) found.add(node.name);
  return found;
};

/**
 * The ops that entries choose: `op`, `*op` with all that it needs, `op+` with all that follows; none: all of them. What
 * is wrong with entries the server says.
 * @param nodes in order.
 */
export const chosenOps = (nodes: readonly GraphNode[], entries: readonly string[]): ReadonlySet<string> => {
  if (entries.length === 0) return new Set(nodes.map(({ name }) => name));
  const chosen = new Set<string>();
  for (const entry of entries) {
    const name = entry.replace(/^\*/, "").replace(/\+$/, "");
    if (!nodes.some((node) => node.name === name)) continue;
    chosen.add(name);
    if (entry.startsWith("*")) before(nodes, name).forEach((one) => chosen.add(one));
    if (entry.endsWith("+")) behind(nodes, name).forEach((one) => chosen.add(one));
  }
  return chosen;
};

/** Entries after a click on an op: it comes with all that it needs, and goes with all that needs it. */
export const toggledOps = (nodes: readonly GraphNode[], entries: readonly string[], name: string): string[] => {
  const chosen = new Set(chosenOps(nodes, entries));
  if (chosen.has(name)) behind(nodes, name).forEach((one) => chosen.delete(one));
  else before(nodes, name).forEach((one) => chosen.add(one));
  return chosen.size === nodes.length ? [] : nodes.filter((node) => chosen.has(node.name)).map((node) => node.name);
};
