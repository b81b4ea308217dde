import type { ReactNode } from "react";
import { counted, duration, percent } from "../../../parts/format";
import type { ChartData } from "./draw/scene";

/** What the run had of its workers, in figures. */
export const WorkerFoot = ({ data: { workers, moment } }: { data: ChartData }): ReactNode => {
  let [lanes, busy, open] = [0, 0, 0];
  for (const worker of workers) {
    lanes += worker.lanes.length;
    busy += worker.busy;
    for (const lane of worker.lanes) open += moment.at - lane[0]!.from;
  }
  return (
    <div className="gfoot num">
      <span>
        <b>{counted(lanes, "lane")}</b> on <b>{counted(workers.length, "worker")}</b>
      </span>
      {open > 0 && (
        <>
          <span>
            busy <b>{percent(busy, open)}</b>
          </span>
          <span>
            idle <b>{duration(Math.max(0, open - busy))}</b> in all lanes, from the first step of each on
          </span>
        </>
      )}
      <span className="grow" />
      <span className="t2">
        <i className="gidle" /> idle
      </span>
    </div>
  );
};
