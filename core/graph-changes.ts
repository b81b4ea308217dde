import type { GraphNode, GraphSnapshot } from "./graph";

/** Some of many names. */
export interface SomeNames {
  count: number;
  /** The first of them, by their order in the graph. */
  names: string[];
}

/** What a version of a job has otherwise than the one before it, beside its code. */
export interface GraphChanges {
  /** Calls of ops. */
  added: SomeNames;
  removed: SomeNames;
  /** The same name, but another op, inputs, retries, queue…; where it stands among others does not matter. */
  changed: SomeNames;
  /** What of the job itself is otherwise. */
  ofJob: ("config" | "description" | "hooks" | "retention" | "tags")[];
}

const NAMES = 10;

/** What `after` has otherwise than `before`. */
export const graphChanges = (before: GraphSnapshot, after: GraphSnapshot): GraphChanges => {
  const known = new Map(before.nodes.map((node) => [node.name, node]));
  const still = new Set(after.nodes.map(({ name }) => name));
  const differs = (of: (graph: GraphSnapshot) => unknown): boolean => !isSame(of(before), of(after));
  const ofJob: GraphChanges["ofJob"] = [];
  if (differs((graph) => [graph.configSchema, graph.defaultConfig])) ofJob.push("config");
  if (differs((graph) => graph.description)) ofJob.push("description");
  if (differs((graph) => graph.hooks)) ofJob.push("hooks");
  if (differs((graph) => graph.retention)) ofJob.push("retention");
  if (differs((graph) => graph.tags)) ofJob.push("tags");
  return {
    added: some(after.nodes.filter(({ name }) => !known.has(name))),
    removed: some(before.nodes.filter(({ name }) => !still.has(name))),
    changed: some(after.nodes.filter((node) => known.has(node.name) && !isSame(known.get(node.name), node))),
    ofJob,
  };
};

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const some = (nodes: readonly GraphNode[]): SomeNames => ({
  count: nodes.length,
  names: nodes.slice(0, NAMES).map(({ name }) => name),
});
