import type { GraphNode, GraphSnapshot, InputSource } from "./graph";
import { DqueueError } from "./errors";

/**
 * How a source and its reader stand to each other:
 * - `same`: the source encloses or equals the reader's keys, so one instance of it feeds the reader;
 * - `item`: the source is a generator that encloses the reader: it feeds the reader one item;
 * - `items`: the source is a generator outside of the reader: all its items feed the reader;
 * - `collect`: the source lies one generator deeper: all its instances there feed the reader.
 */
export type EdgeKind = "same" | "item" | "items" | "collect";

export interface PlanEdge {
  source: PlanNode;
  /** null: ordering only. */
  output: string | null;
  kind: EdgeKind;
}

export interface PlanInput {
  name: string;
  list: boolean;
  omitFailed: boolean;
  stream: boolean;
  edges: PlanEdge[];
}

/** A node of the graph with its relations resolved. */
export interface PlanNode {
  readonly spec: GraphNode;
  readonly scope: PlanNode[];
  readonly inputs: PlanInput[];
  readonly after: PlanEdge[];
  /** What must have ended first: the edges above without items, each source once. */
  readonly waits: PlanEdge[];
  /** Nodes that wait for one instance of this node. */
  readonly readers: PlanNode[];
  /** Nodes that wait for all instances of this node below one generator instance. */
  readonly collectors: PlanNode[];
  /** Of a generator: the nodes that get one instance per item. */
  readonly children: PlanNode[];
}

/** A graph made ready for `transition`: built once per graph, shared by all its runs. */
export interface Plan {
  readonly graph: GraphSnapshot;
  readonly nodes: Map<string, PlanNode>;
  /** Nodes outside of every generator's scope, in topological order. */
  readonly top: PlanNode[];
}

/**
 * Compiles a graph snapshot.
 * @throws DqueueError INVALID_GRAPH when nodes name sources that do not stand before them, or scopes do not fit.
 */
export const compilePlan = (graph: GraphSnapshot): Plan => {
  const nodes = new Map<string, PlanNode>();
  const top: PlanNode[] = [];
  for (const spec of graph.nodes) {
    const find = (name: string): PlanNode =>
      nodes.get(name) ?? invalid(graph, spec, `names "${name}", which does not stand before it`);
    const node: PlanNode = {
      spec,
      scope: scopeOf(graph, spec, find),
      inputs: [],
      after: [],
      waits: [],
      readers: [],
      collectors: [],
      children: [],
    };
    for (const input of spec.inputs) {
      const edges = input.sources.map((source) => edge(graph, node, find(source.node), source));
      node.inputs.push({ ...input, edges });
    }
    for (const name of spec.after) node.after.push(edge(graph, node, find(name), null));
    for (const found of [...node.inputs.flatMap((input) => input.edges), ...node.after]) {
      const waiting = found.kind === "collect" ? found.source.collectors : found.source.readers;
      if (found.kind === "item" || waiting.at(-1) === node) continue;
      waiting.push(node);
      node.waits.push(found);
    }
    if (nodes.has(spec.name)) invalid(graph, spec, "stands twice in the graph");
    nodes.set(spec.name, node);
    (node.scope.at(-1)?.children ?? top).push(node);
  }
  return { graph, nodes, top };
};

const edge = (graph: GraphSnapshot, node: PlanNode, source: PlanNode, of: InputSource | null): PlanEdge => {
  const { name, dynamic } = source.spec;
  const refuse = (problem: string): never => invalid(graph, node.spec, problem);
  const kind = (): EdgeKind => {
    if (node.scope.includes(source))
      return of?.collect ? refuse(`collects "${name}", whose items it gets one by one`) : "item";
    if (source.scope.some((generator, i) => i < node.scope.length && generator !== node.scope[i]))
      return refuse(`reads "${name}" across generators`);
    const depth = source.scope.length - node.scope.length;
    if (depth > 1 || (depth === 1 && of?.collect && dynamic))
      return refuse(`reads "${name}" more than one generator deeper: collect it level by level`);
    if (of === null) return depth === 1 ? "collect" : "same";
    if (depth === 1) return of.collect ? "collect" : refuse(`reads the mapped "${name}" without collect`);
    if (dynamic) return of.collect ? "items" : refuse(`reads the generator "${name}" without map or collect`);
    return of.collect ? refuse(`collects "${name}", which is not mapped`) : "same";
  };
  return { source, output: of?.output ?? null, kind: kind() };
};

/** The generators that enclose a node, outermost first; each must itself stand within those before it. */
const scopeOf = (graph: GraphSnapshot, spec: GraphNode, find: (name: string) => PlanNode): PlanNode[] => {
  const scope = spec.scope.map(find);
  scope.forEach((generator, depth) => {
    const fits = generator.scope.length === depth && generator.scope.every((outer, i) => outer === scope[i]);
    if (!generator.spec.dynamic || !fits)
      invalid(graph, spec, `is mapped over "${generator.spec.name}", which does not fit`);
  });
  return scope;
};

const invalid = (graph: GraphSnapshot, node: GraphNode, problem: string): never => {
  throw new DqueueError("INVALID_GRAPH", `Job "${graph.job}": the step "${node.name}" ${problem}.`);
};
