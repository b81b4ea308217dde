import type { ReactNode } from "react";
import type { Run } from "../../../../client";
import { useParam } from "../../../data/url";
import { Bar, Spark } from "../../../parts/bars";
import { count, counted, perSecond } from "../../../parts/format";
import { runHasEnded, StatusIcon, toneOf, wordOf } from "../../../parts/status";
import { countsOf, type Moment } from "../steps/past-state";
import { CODE, type Steps } from "../steps/steps";
import type { Pace } from "./pace";
import { partsOf, SHARES } from "../steps/shares";
import { readStepFilter, writeStepFilter } from "../steps/step-filter";

const PACE_UNIT = "steps/s";

interface Props {
  run: Run;
  steps: Steps;
  version: number;
  moment: Moment;
  pace: Pace | null;
}

/** Steps by status, as a bar and in figures that filter the timeline. */
export const Counts = ({ run, steps, moment, pace }: Props): ReactNode => {
  const [f, setF] = useParam("f");
  const filter = readStepFilter(f);
  const counts = countsOf(steps, moment);
  const known = counts.reduce((sum, n) => sum + n, 0);
  // What waits for a place with its owner has no row yet, and is known by the run's own figure alone.
  const total = Math.max(known, moment.live ? run.steps_total : 0);
  return (
    <>
      <div className="rbar">
        <Bar of="Steps" parts={partsOf(counts)} total={total || 1} height={8} />
      </div>
      <div className="row rcounts num">
        {SHARES.filter((status) => counts[CODE[status]]! > 0).map((status) => {
          const on = filter.statuses.includes(status);
          return (
            <button
              key={status}
              type="button"
              className={`t-${toneOf(status)}`}
              aria-pressed={on}
              title={on ? "Show all steps" : `Show only what is ${wordOf(status).toLowerCase()}`}
              onClick={() =>
                setF(
                  writeStepFilter({
                    ...filter,
                    statuses: on ? filter.statuses.filter((one) => one !== status) : [...filter.statuses, status],
                  }),
                  { push: true },
                )
              }
            >
              <StatusIcon status={status} size={12} />
              <b>{count(counts[CODE[status]]!)}</b>
              <span className="rword">{wordOf(status).toLowerCase()}</span>
            </button>
          );
        })}
        <span className="grow" />
        <span className="dim nw">
          {moment.live
            ? `${counted(total, "step")}${total > known && !runHasEnded(run.status) ? `, ${count(total - known)} held back` : ""}`
            : `${counted(known - counts[CODE.PENDING]!, "step")} known then, ${count(run.steps_total)} now`}
        </span>
        {moment.live && pace && (
          <span className="row rpace dim" title="Steps that end each second, from the run's start on">
            <Spark values={pace.course} width={72} height={18} tone="started" />
            <span>
              <b>{perSecond(pace.perSecond)}</b> {PACE_UNIT}
            </span>
          </span>
        )}
      </div>
    </>
  );
};
