import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { Graph, Run, Timeline } from "../../../../client";
import { useMissingRole } from "../../../data/me";
import { reexecuteRun } from "../../../data/run-actions";
import { writeParams } from "../../../data/url";
import { Button, UNDER_WAY } from "../../../parts/buttons";
import { useFocusReturn } from "../../../parts/focus-return";
import { count, counted } from "../../../parts/format";
import { StatusWord } from "../../../parts/status";
import { openGroup } from "./open-group";
import { behind, nodeOf, type OpNow } from "./ops";

interface Props {
  op: OpNow;
  graph: Graph;
  runId: string;
  timeline: Timeline | undefined;
  ended: boolean;
  close(): void;
}

/** What is known of an op, and what can be done with it. */
export const OpCard = ({ op, graph, runId, timeline, ended, close }: Props): ReactNode => {
  useFocusReturn();
  const error = errorOf(timeline, op.name);
  const held = op.status === "FAILURE" ? behind(graph, op.name) : [];
  return (
    <aside className="insp" aria-label={`Op ${op.name}`}>
      <div className="row">
        <StatusWord status={op.status} />
        <span className="grow" />
        <span className="num dim">{op.note}</span>
        <Button small kind="ghost" icon="close" aria-label="Close the card" onClick={close} />
      </div>
      <b className="mono name">{op.name}</b>
      {error !== null && <div className="ie mono">{error}</div>}
      {op.mapped && op.total > 0 && (
        <p className="t2 num">
          {Object.entries(op.counts)
            .map(([status, n]) => `${count(n)} ${status.toLowerCase().replaceAll("_", " ")}`)
            .join(", ")}
        </p>
      )}
      {held.length > 0 && (
        <p className="t2 num">
          Holds back <b>{counted(held.length, "op")}</b>: {named(held)}.
        </p>
      )}
      {op.blocked && <p className="t2">A failure before it holds it back.</p>}
      <div className="acts">
        {ended && op.total > 0 && <Reexecute runId={runId} op={op.name} />}
        <Button
          small
          kind="ghost"
          onClick={() => writeParams({ tab: "logs", step: op.name, op: null, find: null }, { push: true })}
        >
          Logs
        </Button>
        {op.mapped && (
          <Button small kind="ghost" onClick={() => openGroup(op.name)}>
            Steps
          </Button>
        )}
      </div>
    </aside>
  );
};

const errorOf = (timeline: Timeline | undefined, op: string): string | null => {
  if (!timeline) return null;
  const { key, error, status } = timeline.steps;
  const at = key.findIndex((one, i) => nodeOf(one) === op && status[i] === "FAILURE" && error[i]);
  return at < 0 ? null : error[at]!;
};

const named = (names: string[]): string =>
  names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;

const Reexecute = ({ runId, op }: { runId: string; op: string }): ReactNode => {
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const act = async (): Promise<void> => {
    setAsking(true);
    const done = ({ id }: Run): void => navigate(`/runs/${id}?tab=graph`);
    await reexecuteRun(runId, { from: "steps", steps: [`${op}+`] }, done, op);
    setAsking(false);
  };
  return (
    <Button
      small
      icon="retry"
      title={`Re-execute ${op}+`}
      not={useMissingRole("launcher") || (asking && UNDER_WAY)}
      onClick={() => void act()}
    >
      {`Re-execute ${op}+`}
    </Button>
  );
};
