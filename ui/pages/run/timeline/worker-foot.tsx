import type { ReactNode } from "react";
import { counted, duration, percent } from "../../../parts/format";
import { IDLE_CAUSES, type IdleCause, idleByCause } from "./draw/lanes";
import type { ChartData } from "./draw/scene";

const WORDS: Readonly<Record<IdleCause, string>> = {
  loss: "after a loss",
  takeover: "while the run was taken over",
  gap: "between steps",
  done: "behind the last step",
};

/** What the run had of its workers, in figures. */
export const WorkerFoot = ({ data: { workers, moment, steps } }: { data: ChartData }): ReactNode => {
  const idle = idleByCause(workers, steps, moment);
  const causes = IDLE_CAUSES.filter((cause) => idle[cause] > 0);
  let [lanes, busy, open] = [0, 0, 0];
  for (const worker of workers) {
    lanes += worker.lanes.length;
    busy += worker.busy;
    for (const { stays } of worker.lanes) open += moment.at - stays[0]!.from;
  }
  return (
    <div className="gfoot num">
      <span>
        <b>{counted(lanes, "slot")}</b> on <b>{counted(workers.length, "worker")}</b>
      </span>
      {open > 0 && (
        <>
          <span>
            busy <b>{percent(busy, open)}</b>
          </span>
          <span
            className="ell"
            title={`${causes.map((cause) => `${duration(idle[cause])} ${WORDS[cause]}`).join(", ")}: in all slots, from the first step of each on`}
          >
            {causes.map((cause, i) => (
              <span key={cause}>
                {i > 0 && ", "}
                {i === 0 && "idle "}
                <b>{duration(idle[cause])}</b> {WORDS[cause]}
              </span>
            ))}
          </span>
        </>
      )}
      <span className="grow" />
      <span className="t2 nw">
        <i className="gidle" /> idle
      </span>
    </div>
  );
};
