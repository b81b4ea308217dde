import type { ReactNode } from "react";
import { duration } from "../../../parts/format";
import { StatusWord } from "../../../parts/status";
import { StepKey } from "../step-key";
import { factsOf, type Moment } from "../steps/past-state";
import { STATUSES, type Steps } from "../steps/steps";
import { offsetText } from "./draw/scale";
import type { Hovered } from "./use-chart-pointer";

const WIDTH = 300;

/** What is under the pointer. */
export const Hover = ({ step, x, y, steps, moment }: Hovered & { steps: Steps; moment: Moment }): ReactNode => {
  const { queued, started, took, attempt, worker, slot, error } = factsOf(steps, step, moment);
  return (
    <div
      className="ghover"
      style={{ left: Math.min(x + 14, innerWidth - WIDTH - 8), top: Math.min(y + 16, innerHeight - 150) }}
    >
      <div className="row">
        <span className="mono stepkey">
          <StepKey of={steps.keys[step]!} />
        </span>
        <span className="grow" />
        <StatusWord status={STATUSES[moment.status[step]!]!} />
      </div>
      <dl className="num">
        {started >= queued && <Fact name="Waited" value={duration(started - queued)} />}
        {started >= 0 && <Fact name="Ran" value={`${duration(took)}, from ${offsetText(started, 1)}`} />}
        {attempt > 1 && <Fact name="Attempt" value={String(attempt)} />}
        {worker !== null && <Fact name="Worker" value={slot === null ? worker : `${worker}, slot ${slot}`} />}
      </dl>
      {error && <p className="t-failure small">{`${error.name}: ${error.message.slice(0, 160)}`}</p>}
    </div>
  );
};

const Fact = ({ name, value }: { name: string; value: string }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd className="ell">{value}</dd>
  </div>
);
