import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Json, Step } from "../../../../client";
import { api } from "../../../data/client";
import { runQuery } from "../../../data/queries";
import { useParam } from "../../../data/url";
import { CopyButton } from "../../../parts/copy";
import { counted } from "../../../parts/format";
import { JsonTree } from "../../../parts/json-tree";
import { Empty, Loaded } from "../../../parts/states";
import { runHasEnded, StatusWord } from "../../../parts/status";
import { StepList } from "./step-list";
import "../config/config.css";
import "./io.css";

/** What went into steps and what came out of them. */
export default function IoTab({ runId }: { runId: string }): ReactNode {
  const [step, setStep] = useParam("step");
  return (
    <div className="io">
      <StepList runId={runId} chosen={step} choose={(key) => setStep(key, { push: true })} />
      <div className="io-values">
        {step === "" ? <OfRun runId={runId} /> : <OfStep key={step} runId={runId} step={step} />}
      </div>
    </div>
  );
}

const OfRun = ({ runId }: { runId: string }): ReactNode => {
  const { data: run } = useQuery(runQuery(runId));
  const ended = run !== undefined && runHasEnded(run.status);
  const query = useQuery({
    queryKey: ["run", runId, "output", ended],
    queryFn: () => api.runs.output(runId),
    enabled: run !== undefined,
  });
  return (
    <Loaded query={query} failed="The output could not be loaded">
      {(output) =>
        output === null ? (
          <Empty icon="info" title={ended ? "The run came to no output" : "No output yet"}>
            A step in the list shows what went into it and what came out.
          </Empty>
        ) : (
          <Value title="What the run came to" value={output} />
        )
      }
    </Loaded>
  );
};

const OfStep = ({ runId, step }: { runId: string; step: string }): ReactNode => {
  const query = useQuery({
    queryKey: ["run", runId, "step", step],
    queryFn: () => api.runs.step(runId, step),
    refetchInterval: ({ state }) => (state.data?.ended_at === null ? 2_000 : false),
  });
  return (
    <Loaded query={query} failed="The step could not be loaded">
      {(found) => (
        <>
          <h2 className="io-title">
            <span className="mono">{found.key}</span> <StatusWord status={found.status} />
          </h2>
          {Object.entries(found.inputs).map(([name, input]) => (
            <Value key={name} title={`Input ${name}`.trim()} value={"list" in input ? input.list : input.value}>
              {"more" in input && input.more && <p className="dim small">The first {input.list.length} elements.</p>}
            </Value>
          ))}
          <Outputs step={found} />
        </>
      )}
    </Loaded>
  );
};

const Outputs = ({ step: { outputs, items, error, status } }: { step: Step }): ReactNode => {
  if (error)
    return (
      <Value title="Error" value={{ ...(error as object) } as Json}>
        <p className="t-failure">
          <b>{error.name}</b>: {error.message}
        </p>
      </Value>
    );
  const all = Object.entries(outputs ?? {});
  if (all.length > 0) return all.map(([name, value]) => <Value key={name} title={`Output ${name}`} value={value} />);
  return (
    <p className="dim">
      {items !== null
        ? `It yielded ${counted(items, "item")}, each the input of a step.`
        : status === "SUCCESS"
          ? "No output."
          : "No output yet."}
    </p>
  );
};

const Value = ({ title, value, children }: { title: string; value: Json; children?: ReactNode }): ReactNode => (
  <section className="box" aria-label={title}>
    <header>
      <h2>{title}</h2>
      <span className="grow" />
      <CopyButton text={JSON.stringify(value, null, 2)} what={title.toLowerCase()} />
    </header>
    <div className="value" tabIndex={0} role="region" aria-label={`${title}, value`}>
      {children}
      <JsonTree value={value} open={3} />
    </div>
  </section>
);
