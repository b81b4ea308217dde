import type { GraphNode, GraphSnapshot } from "../../core/graph";

const node = (name: string, more: Partial<GraphNode> = {}): GraphNode => ({
  ...{
    name,
    op: name,
    scope: [],
    dynamic: false,
    outputs: [{ name: "result", optional: false }],
    inputs: [],
    after: [],
  },
  ...{ config: null, retry: { maxRetries: 2, delayMs: 200, backoff: null, jitter: "full" }, timeoutMs: 30_000 },
  ...{ queue: "default", priority: 5, pool: null, tags: {}, blocking: true },
  ...more,
});

const from = (source: string, collect = false): GraphNode["inputs"] => [
  {
    ...{ name: "", list: collect, omitFailed: false, stream: false },
    sources: [{ node: source, output: "result", collect }],
  },
];

const graph = (job: string, nodes: GraphNode[]): GraphSnapshot => ({
  ...{ version: 1, job, description: null, tags: {}, nodes, configSchema: {}, defaultConfig: null },
  hooks: { onSuccess: false, onFailure: job === "fan" },
});

/** generate → map → collect. */
export const FAN = graph("fan", [
  node("generate", { dynamic: true }),
  node("work", { scope: ["generate"], inputs: from("generate") }),
  node("collect", { inputs: from("work", true) }),
]);

export const CHAIN = graph("chain", [
  node("first"),
  node("second", { inputs: from("first") }),
  node("third", { inputs: from("second") }),
]);
