import type { GraphNode, GraphSnapshot, InputSource, NodeInput, RetryPolicy } from "../../core/graph";

/** Small words for graphs: `job(generator("e"), op("m", { over: ["e"], in: [item("e")] }), op("c", { in: [collect("m")] }))`. */
export const job = (...nodes: GraphNode[]): GraphSnapshot => ({
  version: 1,
  job: "demo",
  description: null,
  tags: {},
  nodes,
  configSchema: {},
  defaultConfig: null,
  hooks: { onSuccess: false, onFailure: false },
});

export const NEVER_RETRIED: RetryPolicy = { maxRetries: 0, delayMs: 0, backoff: null, jitter: null };

interface Shape extends Partial<Omit<GraphNode, "name" | "inputs" | "outputs" | "scope" | "retry">> {
  /** Generators that enclose it, outermost first. */
  over?: string[];
  in?: NodeInput[];
  /** Names of outputs; those that end in "?" are optional. */
  out?: string[];
  retry?: Partial<RetryPolicy>;
}

export const op = (
  name: string,
  { over = [], in: inputs = [], out = ["result"], retry, ...rest }: Shape = {},
): GraphNode => ({
  name,
  op: name,
  scope: over,
  dynamic: false,
  outputs: out.map((output) => ({ name: output.replace("?", ""), optional: output.endsWith("?") })),
  inputs: inputs.map((input, i) => ({ ...input, name: input.name || String(i) })),
  after: [],
  config: null,
  timeoutMs: null,
  queue: "default",
  priority: 5,
  pool: null,
  tags: {},
  blocking: true,
  ...rest,
  retry: { ...NEVER_RETRIED, ...retry },
});

export const generator = (name: string, shape: Shape = {}): GraphNode => op(name, { ...shape, dynamic: true });

const source = (of: string, collects: boolean): InputSource => {
  const [node, output = "result"] = of.split(":");
  return { node: node!, output, collect: collects };
};
const one = (of: InputSource): NodeInput => ({
  name: "",
  sources: [of],
  list: of.collect,
  omitFailed: false,
  stream: false,
});

/** An input from one output: "node" or "node:output". */
export const from = (of: string): NodeInput => one(source(of, false));
/** The item of an enclosing generator. */
export const item = from;
/** All of a mapped node's outputs, or all items of a generator. */
export const collect = (of: string, options: { failed?: "omit" } = {}): NodeInput => ({
  ...one(source(of, true)),
  omitFailed: options.failed === "omit",
});
/** A list of several sources: "node", "node:output", and "*node" for a collect. */
export const list = (...of: string[]): NodeInput => ({
  name: "",
  sources: of.map((one) => source(one.replace("*", ""), one.startsWith("*"))),
  list: true,
  omitFailed: false,
  stream: false,
});

/** Generate → map → collect, the seed's job. */
export const fanOut = (mapped: Shape = {}, collected: NodeInput = collect("m")): GraphSnapshot =>
  job(generator("e"), op("m", { over: ["e"], in: [item("e")], ...mapped }), op("c", { in: [collected] }));
