import { type ReactNode, useMemo } from "react";
import { Link } from "wouter";
import type { GraphNode, Job } from "../../../client";
import { counted } from "../../parts/format";

interface Props {
  job: Job;
  /** null: everything runs. */
  pick: { steps: readonly string[]; setSteps(steps: readonly string[]): void } | null;
}

/** What will run: each op, and how often. */
export const Plan = ({ job, pick }: Props): ReactNode => {
  const { nodes } = job.graph;
  const order = useMemo(() => inOrder(nodes), [nodes]);
  const toggle = (name: string): void =>
    pick?.setSteps(pick.steps.includes(name) ? pick.steps.filter((other) => other !== name) : [...pick.steps, name]);
  return (
    <section>
      <h3>What will run</h3>
      {pick && (
        <input
          className="input mono"
          aria-label="Steps"
          placeholder="generate_tasks+, process_task[3]"
          value={pick.steps.join(",")}
          onChange={({ target }) => pick.setSteps(target.value.split(",").map((step) => step.trim()))}
        />
      )}
      <ol className="plan" tabIndex={0} aria-label="Ops">
        {order.map((node) => (
          <li key={node.name}>
            {pick && (
              <input
                type="checkbox"
                className="cb"
                aria-label={`Run ${node.name}`}
                checked={pick.steps.includes(node.name)}
                onChange={() => toggle(node.name)}
              />
            )}
            <span className="mono ell grow" title={node.name}>
              {node.name}
            </span>
            <Times node={node} />
          </li>
        ))}
      </ol>
      <div className="row small plan-foot">
        <span className="t2 num">
          {counted(nodes.length, "op")}
          {job.figures.steps_p50 !== null && <> · usually {counted(job.figures.steps_p50, "step")}</>}
        </span>
        <span className="grow" />
        <Link href={`/jobs/${encodeURIComponent(job.name)}`} className="link t2">
          Graph
        </Link>
      </div>
    </section>
  );
};

const Times = ({ node: { scope, inputs } }: { node: GraphNode }): ReactNode => {
  const generator = scope.at(-1);
  if (generator !== undefined) return <span className="mapped">× items of {generator}</span>;
  return <span className="dim">{inputs.some(({ list }) => list) ? "collects" : "1"}</span>;
};

/** Sources before what they feed. */
const inOrder = (nodes: readonly GraphNode[]): GraphNode[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<GraphNode>();
  const visit = (node: GraphNode): void => {
    if (done.has(node)) return;
    const before = [
      ...node.scope,
      ...node.after,
      ...node.inputs.flatMap(({ sources }) => sources.map((one) => one.node)),
    ];
    for (const name of before) {
      const source = byName.get(name);
      if (source && !done.has(source)) visit(source);
    }
    done.add(node);
  };
  nodes.forEach(visit);
  return [...done];
};
