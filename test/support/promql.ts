/** What an expression asks for: metrics by name, and every label that it names. */
export interface Asked {
  metrics: string[];
  labels: string[];
}

/** Rejects where it is no PromQL. */
export const askedBy = async (expression: string): Promise<Asked> => {
  const { parser } = await import("@prometheus-io/lezer-promql");
  const asked: Asked = { metrics: [], labels: [] };
  parser.parse(expression).iterate({
    enter: ({ type, name, from, to, node }) => {
      if (type.isError) throw new Error(`No PromQL, at ${from}: ${expression}`);
      const text = expression.slice(from, to);
      if (name === "Identifier" && node.parent?.name === "VectorSelector") asked.metrics.push(text);
      if (name === "LabelName") asked.labels.push(text);
    },
  });
  return asked;
};
