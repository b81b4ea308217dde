import type { Runs } from "./runs";
import type { Graph, GraphNode, Json } from "./types";

/** Steps that are read at a time. */
const AT_ONCE = 16;

/** The nodes that nothing else reads. */
const lastNodes = ({ nodes }: Graph): GraphNode[] => {
  const read = new Set(
    nodes.flatMap(({ inputs, after }) => [
      ...inputs.flatMap(({ sources }) => sources.map(({ node }) => node)),
      ...after,
    ]),
  );
  return nodes.filter(({ name, dynamic }) => !read.has(name) && !dynamic);
};

/** See Runs.output. */
export const outputOf = async (runs: Runs, id: string): Promise<Json> => {
  const last = lastNodes(await runs.graph(id));
  const keys: string[] = [];
  for (const { name } of last)
    for await (const { key } of runs.allSteps(id, { node: name, status: "SUCCESS" })) keys.push(key);
  const outputs: Record<string, Json> = {};
  while (keys.length > 0) {
    const some = keys.splice(0, AT_ONCE);
    const values = await Promise.all(some.map((key) => outputOfStep(runs, id, key)));
    some.forEach((key, i) => (outputs[key] = values[i]!));
  }
  const single = last.length === 1 && last[0]!.scope.length === 0;
  return single ? (Object.values(outputs)[0] ?? null) : outputs;
};

/** The value of a step that has one output, else its outputs by name. */
const outputOfStep = async (runs: Runs, id: string, key: string): Promise<Json> => {
  const { outputs } = await runs.step(id, key);
  const names = Object.keys(outputs ?? {});
  return names.length === 1 && names[0] === "result" ? outputs!.result! : outputs;
};
