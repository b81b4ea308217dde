import type { RunView, StepView } from "./run-views";
import type { Server } from "./server";

interface GraphView {
  nodes: {
    name: string;
    scope: string[];
    dynamic: boolean;
    inputs: { sources: { node: string }[] }[];
    after: string[];
  }[];
}

/**
 * What a run came to: the output of the step that nothing else reads. Where there are several such steps, their outputs
 * by step key.
 */
export const finalOutput = async (server: Server, { id }: RunView): Promise<unknown> => {
  const { nodes } = await server.get<GraphView>(`/runs/${id}/graph`);
  const read = new Set(nodes.flatMap(({ inputs, after }) => [...inputs.flatMap(sourcesOf), ...after]));
  const last = nodes.filter(({ name, dynamic }) => !read.has(name) && !dynamic);
  const outputs: Record<string, unknown> = {};
  for (const { name } of last) {
    for await (const { key } of server.all<StepView>(`/runs/${id}/steps`, { node: name, status: "SUCCESS" })) {
      outputs[key] = await outputOf(server, id, key);
    }
  }
  const single = last.length === 1 && last[0]!.scope.length === 0;
  return single ? (Object.values(outputs)[0] ?? null) : outputs;
};

const sourcesOf = ({ sources }: { sources: { node: string }[] }): string[] => sources.map(({ node }) => node);

/** The value of a step that has one output, else its outputs by name. */
const outputOf = async (server: Server, run: string, step: string): Promise<unknown> => {
  const { outputs } = await server.get<{ outputs: Record<string, unknown> | null }>(
    `/runs/${run}/steps/${encodeURIComponent(step)}`,
  );
  const names = Object.keys(outputs ?? {});
  return names.length === 1 && names[0] === "result" ? outputs!.result : outputs;
};
