import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Job, Run } from "../../../client";
import { useMissingRole } from "../../data/me";
import { shownKeys } from "../../frame/keys";
import { Button, Segments, UNDER_WAY } from "../../parts/buttons";
import { counted, shortId } from "../../parts/format";
import { runHasEnded } from "../../parts/status";
import { writeConfig } from "./config-text";
import { difference } from "./difference";
import { Expect } from "./expect";
import { NewPlan, type Picked, Repeated } from "./plan";
import { Tags } from "./tags";
import { isReady, type Launchpad, type Mode } from "./use-launchpad";

interface Props {
  job: Job;
  pad: Launchpad;
  from: Run | null;
  /** The run that the document is compared with. */
  last: Run | undefined;
  pick: Picked;
  onLaunch(keep: boolean): void;
}

/** What will run, and the button. */
export const LaunchPanel = ({ job, pad, from, last, pick, onLaunch }: Props): ReactNode => {
  const { problems, launching, mode, draft, change } = pad;
  const nothing = mode === "steps" && pick.steps.length === 0 && "Choose steps to launch";
  const wrong = problems.length > 0 && `Solve ${counted(problems.length, "problem")} to launch`;
  const notYet = launching ? UNDER_WAY : wrong || nothing || (!isReady(pad) && "The config is being checked.");
  return (
    <aside className="launch-panel" aria-label="Launch">
      <h2 className="sr">Launch</h2>
      <div className="launch-body">
        {from !== null && runHasEnded(from.status) && <How from={from} pad={pad} />}
        {mode === "new" ? (
          <NewPlan job={job} pick={pick} wrong={problems.find(({ kind }) => kind === "steps")} />
        ) : (
          <Repeated job={job} pick={mode === "steps" ? pick : null} />
        )}
        <Expect job={job} />
        {mode === "new" && (
          <>
            <Tags own={job.graph.tags} tags={draft.tags} onChange={(tags) => change({ tags })} />
            <Order draft={draft} change={change} />
          </>
        )}
        {last && <Difference last={last} pad={pad} />}
      </div>
      <footer className="launch-foot">
        <span className="dim small">{wrong || nothing || (draft.savedAt !== null && "Kept in this browser")}</span>
        <span className="grow" />
        <Button
          kind="primary"
          icon="play"
          keys={shownKeys("mod+enter")}
          not={useMissingRole("launcher") || notYet}
          onClick={({ altKey }) => onLaunch(altKey)}
        >
          {launching ? "Launching…" : mode === "new" ? "Launch" : "Re-execute"}
        </Button>
      </footer>
    </aside>
  );
};

/** Before or behind other runs, and whether it is launched once. */
const Order = ({ draft, change }: Pick<Launchpad, "draft" | "change">): ReactNode => (
  <section className="two">
    <label>
      <h3>Priority</h3>
      <input
        className="input num"
        type="number"
        step={1}
        value={draft.priority}
        onChange={({ target }) => change({ priority: Math.trunc(Number(target.value)) })}
      />
    </label>
    <label>
      <h3>Run key</h3>
      <input
        className="input"
        placeholder="optional"
        value={draft.runKey}
        onChange={({ target }) => change({ runKey: target.value })}
      />
    </label>
  </section>
);

/** How much of the run that it begins from is repeated. */
const How = ({ from, pad: { mode, setMode } }: { from: Run; pad: Launchpad }): ReactNode => {
  const options: { value: Mode; label: string }[] = [
    { value: "start", label: "All" },
    ...(from.status === "SUCCESS" ? [] : [{ value: "failure" as const, label: "From failure" }]),
    { value: "steps", label: "Steps" },
    { value: "new", label: "New run" },
  ];
  return (
    <section>
      <h3>
        Re-execute{" "}
        <Link href={`/runs/${from.id}`} className="mono link">
          {shortId(from.id)}
        </Link>
      </h3>
      <Segments label="What is repeated" value={mode} options={options} onChange={(next) => setMode(next)} />
      {mode !== "new" && <p className="dim small">Keys that are not in the document stay as that run had them.</p>}
    </section>
  );
};

const AROUND = 1;

/** What the document says in other words than the run before. */
const Difference = ({ last, pad: { config } }: { last: Run; pad: Launchpad }): ReactNode => {
  if (config.value === null) return null;
  const lines = difference(writeConfig(last.config, "yaml").trimEnd(), writeConfig(config.value, "yaml").trimEnd());
  const changed = lines?.some(({ sign }) => sign !== " ") ?? false;
  const near = lines?.filter((_, at) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== " "),
  );
  return (
    <section>
      <h3>
        Difference from run <span className="dim">{shortId(last.id)}</span>
      </h3>
      {lines === null ? (
        <p className="dim small">Both are too long to compare here.</p>
      ) : !changed ? (
        <p className="dim small">The config is the same.</p>
      ) : (
        <pre className="config-diff mono" tabIndex={0} aria-label="Difference">
          {near!.map(({ sign, text }, at) => (
            <span key={at} className={sign === "+" ? "b-success" : sign === "-" ? "b-failure" : ""}>
              {sign} {text}
            </span>
          ))}
        </pre>
      )}
    </section>
  );
};
