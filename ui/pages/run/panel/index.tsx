import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import type { Run } from "../../../../client";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { Button, Key } from "../../../parts/buttons";
import { copyText } from "../../../parts/copy";
import { useFocusReturn } from "../../../parts/focus-return";
import { runHasEnded, StatusIcon, toneOf, wordOf } from "../../../parts/status";
import { Moment as MomentText } from "../../../parts/time";
import { tell } from "../../../parts/toasts";
import { writeParams } from "../../../data/url";
import { StepKey } from "../step-key";
import { stepQuery } from "../steps/step-query";
import { factsOf, type Moment } from "../steps/past-state";
import { STATUSES, type Steps } from "../steps/steps";
import type { Rows } from "../timeline/draw/rows";
import { Grip, usePanelWidth } from "./grip";
import { Reexecution } from "./reexecution";
import { Summary } from "./summary";
import { InputView, LogsView, OutputView } from "./values";
import "./panel.css";

interface Props {
  run: Run;
  steps: Steps;
  moment: Moment;
  stepKey: string;
  /** In whose order j and k go on. */
  rows: Rows;
  select(key: string): void;
  close(): void;
}

const TABS = ["Summary", "Input", "Output", "Logs"] as const;
type Tab = (typeof TABS)[number];

/** A step in full. */
export default function StepPanel({ run, steps, moment, stepKey, rows, select, close }: Props): ReactNode {
  const [tab, setTab] = useState<Tab>("Summary");
  const width = usePanelWidth();
  const place = steps.placeOf(stepKey);
  useFocusReturn();
  useKeys(useMemo(() => panelKeys({ rows, steps, place, select, close }), [rows, steps, place, select, close]));
  return (
    <aside className="spanel" aria-label={`Step ${stepKey}`} {...(width !== null && { style: { width } })}>
      <Grip />
      <Head {...{ steps, moment, stepKey, place, close }} />
      <div className="stabs" role="tablist" aria-label="Of the step">
        {TABS.map((name) => (
          <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
            {name}
          </button>
        ))}
      </div>
      <div className="sbody" tabIndex={0} role="tabpanel" aria-label={tab}>
        {place === undefined ? (
          <p className="dim">
            {runHasEnded(run.status)
              ? "The run has ended without this step."
              : "This step has not begun: it waits for what comes before it."}
          </p>
        ) : (
          <Body key={stepKey} {...{ tab, run, steps, moment, place, select }} />
        )}
      </div>
      <footer className="sfoot">
        {moment.live ? <Reexecution run={run} stepKey={stepKey} /> : <span className="dim">Actions apply to now</span>}
        <Button
          icon="terminal"
          kind="ghost"
          onClick={() => writeParams({ tab: "logs", step: stepKey }, { push: true })}
        >
          Open logs
        </Button>
        <span className="grow" />
        <span className="row wide-only">
          <Key>k</Key>
          <Key>j</Key>
        </span>
      </footer>
    </aside>
  );
}

const Body = ({
  tab,
  run,
  steps,
  moment,
  place,
  select,
}: Omit<Props, "stepKey" | "rows" | "close"> & { tab: Tab; place: number }): ReactNode => {
  const key = steps.keys[place]!;
  const { data, error } = useQuery(stepQuery(run.id, key, runHasEnded(run.status)));
  if (tab === "Logs") return <LogsView run={run.id} step={key} />;
  if (tab === "Input") return <InputView step={data} error={error} />;
  if (tab === "Output") return <OutputView step={data} error={error} />;
  return <Summary {...{ steps, moment, place, step: data, select }} />;
};

const Head = ({
  steps,
  moment,
  stepKey,
  place,
  close,
}: Pick<Props, "steps" | "moment" | "stepKey" | "close"> & { place: number | undefined }): ReactNode => {
  const status = place === undefined ? "PENDING" : STATUSES[moment.status[place]!]!;
  const node = place === undefined ? undefined : steps.nodes[steps.node[place]!];
  const ended = place === undefined ? NaN : steps.ended[place]!;
  const link = (): void => void copyText(location.href).then(() => tell({ title: "Link to this step copied" }));
  return (
    <header className="shead">
      <div className="row">
        <StatusIcon status={status} size={16} />
        <h2 className="mono stepkey" title={stepKey} aria-label={stepKey}>
          <StepKey of={stepKey} />
        </h2>
        <span className="grow" />
        <Button small kind="ghost" icon="link" aria-label="Copy link to this step" onClick={link} />
        <Button small kind="ghost" icon="close" aria-label="Close the step" onClick={close} />
      </div>
      <p className="ssub num">
        <b className={`t-${toneOf(status)}`}>{wordOf(status)}</b>
        {node && place !== undefined && (
          <>
            <span>
              attempt {factsOf(steps, place, moment).attempt} of {node.retry.max_retries + 1}
            </span>
            <span>
              queue <b>{node.queue}</b>
            </span>
          </>
        )}
        {ended <= moment.at && moment.live && (
          <span>
            ended <MomentText at={new Date(steps.origin + ended).toISOString()} />
          </span>
        )}
      </p>
    </header>
  );
};

interface Around {
  rows: Rows;
  steps: Steps;
  place: number | undefined;
  select(key: string): void;
  close(): void;
}

const panelKeys = ({ rows, steps, place, select, close }: Around): KeyGroup => {
  const go = (by: 1 | -1): void => {
    const at = place === undefined ? -1 : rows.find("step", place);
    for (let row = at + by; row >= 0 && row < rows.count; row += by)
      if (rows.kind(row) === "step") return select(steps.keys[rows.ref(row)]!);
  };
  return {
    title: "Step",
    bindings: [
      { keys: "j", label: "Next step", act: () => go(1) },
      { keys: "k", label: "Step before", act: () => go(-1) },
      { keys: "Escape", label: "Close the step", act: close },
    ],
  };
};
