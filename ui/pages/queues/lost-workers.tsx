import type { ReactNode } from "react";
import type { LostWorker } from "../../../client";
import { counted } from "../../parts/format";
import { StatusIcon } from "../../parts/status";
import { Moment } from "../../parts/time";

/** Workers that vanished, and what became of the steps that they had in hand. */
export const LostWorkers = ({ lost }: { lost: readonly LostWorker[] }): ReactNode => (
  <ul className="lostworkers" aria-label="Lost workers">
    {lost.map((worker) => (
      <li key={worker.id}>
        <StatusIcon status="LOST" label="Lost" />
        <span>
          <b className="mono">{worker.id}</b> <b>is gone</b>, last seen <Moment at={worker.last_seen_at} /> on{" "}
          <span className="mono">{worker.host}</span>. {fateOf(worker)}
        </span>
      </li>
    ))}
  </ul>
);

const fateOf = ({ held, open, waiting }: LostWorker): string => {
  if (held === 0) return "It had no step in hand.";
  const had = `It had ${counted(held, "step")} in hand: `;
  const on = held - open - waiting;
  const fates = [
    ...(open > 0 ? [`${open} still ${open === 1 ? "counts" : "count"} as running`] : []),
    ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? "waits" : "wait"} for another worker`] : []),
    ...(on > 0 ? [on === held ? "all went on elsewhere or have ended" : `${on} went on elsewhere or have ended`] : []),
  ];
  return `${had}${fates.join(", ")}.`;
};
