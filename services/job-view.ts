import type { GraphNode, GraphSnapshot } from "../core/graph";
import type { PublishedJob } from "../store/catalog";

/** A graph as the API shows it. User's data (config, tags, schemas) stay as they are. */
export const graphView = (graph: GraphSnapshot) => ({
  job: graph.job,
  description: graph.description,
  tags: graph.tags,
  nodes: graph.nodes.map(nodeView),
  config_schema: graph.configSchema,
  default_config: graph.defaultConfig,
  hooks: { on_success: graph.hooks.onSuccess, on_failure: graph.hooks.onFailure },
});

const nodeView = (node: GraphNode) => ({
  name: node.name,
  op: node.op,
  scope: node.scope,
  dynamic: node.dynamic,
  outputs: node.outputs,
  inputs: node.inputs.map(({ name, sources, list, omitFailed, stream }) => ({
    name,
    sources,
    list,
    omit_failed: omitFailed,
    stream,
  })),
  after: node.after,
  config: node.config,
  config_keys: node.configKeys ?? null,
  retry: {
    max_retries: node.retry.maxRetries,
    delay_ms: node.retry.delayMs,
    backoff: node.retry.backoff,
    jitter: node.retry.jitter,
  },
  timeout_ms: node.timeoutMs,
  queue: node.queue,
  priority: node.priority,
  pool: node.pool,
  tags: node.tags,
  blocking: node.blocking,
});

/** A job as lists show it. */
export const jobSummary = ({ name, graph, codeVersion, publishedAt }: PublishedJob, sensors: readonly string[]) => ({
  name,
  description: graph.description,
  tags: graph.tags,
  code_version: codeVersion,
  published_at: publishedAt.toISOString(),
  nodes: graph.nodes.length,
  sensors,
  schedules: [] as string[],
});

export const jobDetail = (job: PublishedJob, sensors: readonly string[]) => ({
  ...jobSummary(job, sensors),
  graph_id: job.graphId,
  graph: graphView(job.graph),
  config_schema: job.graph.configSchema,
  default_config: job.graph.defaultConfig,
});
