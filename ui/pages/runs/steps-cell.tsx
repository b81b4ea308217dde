import type { ReactNode } from "react";
import type { RunItem } from "../../../client";
import { Bar } from "../../parts/bars";
import { count } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { runs as goesOn } from "../../parts/status";

/** How far a run is: its steps by status, done of all; where it waits, for what; where it failed, the error. */
export const StepsCell = ({ run }: { run: RunItem }): ReactNode => {
  if (run.status === "QUEUED")
    return (
      <span className="why">
        <Icon name="schedules" size={13} />
        <span className="ell">waits to be admitted</span>
      </span>
    );
  const { steps_succeeded, steps_failed, steps_total, error_type, error_message } = run;
  const done = steps_succeeded + steps_failed;
  return (
    <span className="row steps">
      <StepsBar run={run} />
      <span className={`num small nw ${done === steps_total ? "dim" : ""}`}>
        {done === steps_total ? count(steps_total) : count(done)}
        {done < steps_total && <span className="dim"> / {count(steps_total)}</span>}
      </span>
      {error_type !== null && (
        <span
          className="small t-failure ell"
          title={error_message === null ? error_type : `${error_type}: ${error_message}`}
        >
          {error_type}
        </span>
      )}
    </span>
  );
};

export const StepsBar = ({
  run: { steps_succeeded, steps_failed, steps_total, status },
}: {
  run: RunItem;
}): ReactNode => {
  const rest = steps_total - steps_succeeded - steps_failed;
  const parts = [
    ["success", steps_succeeded],
    ["failure", steps_failed],
    // Which of them wait and which have begun, the list is not told.
    [goesOn(status) ? "none" : "canceled", rest],
  ] as const;
  return <Bar of="Steps" parts={steps_total === 0 ? [] : parts} total={steps_total} />;
};
