import { type ReactNode, useMemo, useState } from "react";
import { Link } from "wouter";
import type { GraphNode, Job } from "../../../client";
import { counted } from "../../parts/format";
import { chosenOps, inOrder, toggledOps } from "./ops";
import type { Problem } from "./problems";

/** What of a job is chosen, as it is written, and read. */
export interface Picked {
  readonly text: string;
  readonly steps: readonly string[];
  setText(text: string): void;
}

interface NewProps {
  job: Job;
  pick: Picked;
  /** With what is chosen. */
  wrong: Problem | undefined;
}

/** Of a new run: the ops that run, all of them or those that are chosen. */
export const NewPlan = ({ job, pick, wrong }: NewProps): ReactNode => {
  const nodes = useMemo(() => inOrder(job.graph.nodes), [job]);
  const chosen = useMemo(() => chosenOps(nodes, pick.steps), [nodes, pick.steps]);
  const [writing, setWriting] = useState(pick.text !== "");
  const all = chosen.size === nodes.length;
  const usually = job.figures.steps_p50;
  return (
    <section>
      <h3>What will run</h3>
      {writing && <Written label="Ops" placeholder="all, or e.g. *process_task+" pick={pick} wrong={wrong} />}
      <Ops
        nodes={nodes}
        chosen={chosen}
        toggle={(name) => {
          setWriting(true);
          pick.setText(toggledOps(nodes, pick.steps, name).join(","));
        }}
      />
      <Foot job={job}>
        {all ? counted(nodes.length, "op") : `${chosen.size} of ${counted(nodes.length, "op")}`}
        {all && usually !== null && <> · usually {counted(usually, "step")}</>}
        {!writing && (
          <>
            {" · "}
            <button type="button" className="link t2" onClick={() => setWriting(true)}>
              Choose ops
            </button>
          </>
        )}
      </Foot>
    </section>
  );
};

/** Of a run that is repeated. @param pick the steps that are; null: what the mode says. */
export const Repeated = ({ job, pick }: { job: Job; pick: Picked | null }): ReactNode => {
  const nodes = useMemo(() => inOrder(job.graph.nodes), [job]);
  const toggle = ({ steps, setText }: Picked, name: string): void =>
    setText((steps.includes(name) ? steps.filter((other) => other !== name) : [...steps, name]).join(","));
  return (
    <section>
      <h3>What will run</h3>
      {pick && <Written label="Steps" placeholder="generate_tasks+, process_task[3]" pick={pick} />}
      <Ops
        nodes={nodes}
        chosen={pick && new Set(pick.steps)}
        toggle={pick === null ? undefined : (name) => toggle(pick, name)}
      />
      <Foot job={job}>{counted(nodes.length, "op")}</Foot>
    </section>
  );
};

interface WrittenProps {
  label: string;
  placeholder: string;
  pick: Picked;
  wrong?: Problem | undefined;
}

const Written = ({ label, placeholder, pick, wrong }: WrittenProps): ReactNode => (
  <>
    <input
      className="input mono"
      aria-label={label}
      placeholder={placeholder}
      spellCheck={false}
      value={pick.text}
      {...(wrong && { "aria-invalid": true, "aria-describedby": "ops-wrong" })}
      onChange={({ target }) => pick.setText(target.value)}
    />
    {wrong && (
      <p id="ops-wrong" className="t-failure small ops-wrong">
        {wrong.message}
      </p>
    )}
  </>
);

interface OpsProps {
  nodes: readonly GraphNode[];
  /** null: they are not to be chosen. */
  chosen: ReadonlySet<string> | null;
  toggle: ((name: string) => void) | undefined;
}

const Ops = ({ nodes, chosen, toggle }: OpsProps): ReactNode => (
  <ol className="plan" tabIndex={0} aria-label="Ops">
    {nodes.map((node) => (
      <li key={node.name}>
        {chosen && (
          <input
            type="checkbox"
            className="cb"
            aria-label={`Run ${node.name}`}
            checked={chosen.has(node.name)}
            onChange={() => toggle?.(node.name)}
          />
        )}
        <span className="mono ell grow" title={node.name}>
          {node.name}
        </span>
        <Times node={node} />
      </li>
    ))}
  </ol>
);

const Times = ({ node: { scope, inputs } }: { node: GraphNode }): ReactNode => {
  const generator = scope.at(-1);
  if (generator !== undefined) return <span className="mapped">× items of {generator}</span>;
  return <span className="dim">{inputs.some(({ list }) => list) ? "collects" : "1"}</span>;
};

const Foot = ({ job, children }: { job: Job; children: ReactNode }): ReactNode => (
  <div className="row small plan-foot">
    <span className="t2 num" role="status">
      {children}
    </span>
    <span className="grow" />
    <Link href={`/jobs/${encodeURIComponent(job.name)}`} className="link t2">
      Graph
    </Link>
  </div>
);
