import type { ReactNode } from "react";
import type { RunItem } from "../../../client";
import { JobLink, RunLink } from "../../parts/ids";
import { StatusIcon, wordOf } from "../../parts/status";
import { Duration, Moment } from "../../parts/time";
import { StepsBar } from "./steps-cell";

/** A run in two lines. */
export const PhoneRow = ({ run }: { run: RunItem }): ReactNode => (
  <span role="cell" className="phonecell">
    <span className="row">
      <StatusIcon status={run.status} size={15} label={wordOf(run.status)} />
      <JobLink name={run.job} className="ell" />
      <RunLink id={run.id} className="dim" />
      <span className="grow" />
      <span className="strong">
        <Duration from={run.started_at} to={run.ended_at} />
      </span>
    </span>
    <span className="row second">
      {run.status === "QUEUED" ? <span className="t-queued ell">waits to be admitted</span> : <StepsBar run={run} />}
      <span className="grow" />
      {run.error_type !== null && <span className="t-failure ell">{run.error_type}</span>}
      <span className="dim nw">
        <Moment at={run.created_at} />
      </span>
    </span>
  </span>
);
