import type { ReactNode } from "react";
import { duration } from "../../../parts/format";
import { StatusWord } from "../../../parts/status";
import type { Moment } from "../steps/past-state";
import { STATUSES, type Steps } from "../steps/steps";
import { offsetText } from "./draw/scale";
import type { Hovered } from "./use-chart-pointer";

const WIDTH = 300;

/** What is under the pointer. */
export const Hover = ({ step, x, y, steps, moment }: Hovered & { steps: Steps; moment: Moment }): ReactNode => {
  const started = steps.started[step]!;
  const queued = steps.queued[step]!;
  const ended = Math.min(steps.ended[step]! || moment.at, moment.at);
  const error = steps.errors.get(step);
  const worker = steps.workerOf(step);
  return (
    <div
      className="ghover"
      style={{ left: Math.min(x + 14, innerWidth - WIDTH - 8), top: Math.min(y + 16, innerHeight - 150) }}
    >
      <div className="row">
        <b className="mono ell">{steps.keys[step]}</b>
        <span className="grow" />
        <StatusWord status={STATUSES[moment.status[step]!]!} />
      </div>
      <dl className="num">
        {started >= queued && <Fact name="Waited" value={duration(started - queued)} />}
        {started >= 0 && <Fact name="Ran" value={`${duration(ended - started)}, from ${offsetText(started, 1)}`} />}
        {steps.attempt[step]! > 1 && <Fact name="Attempt" value={String(steps.attempt[step]!)} />}
        {worker !== null && <Fact name="Worker" value={worker} />}
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
