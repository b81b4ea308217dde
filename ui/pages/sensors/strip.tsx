import type { ReactNode } from "react";
import type { SensorItem, Tick } from "../../../client";
import { SHOWN_TICKS } from "../../data/sensors";
import { counted } from "../../parts/format";

const SLOT = 4;
const WIDTH = 2.9;
const MARKS: Record<Tick["status"] | "NONE", { y: number; height: number; width: number }> = {
  SUCCESS: { y: 2, height: 16, width: WIDTH },
  FAILURE: { y: 4.5, height: 11, width: WIDTH + 0.5 },
  SKIPPED: { y: 8, height: 4, width: WIDTH },
  STARTED: { y: 6, height: 8, width: WIDTH },
  NONE: { y: 9.25, height: 1.5, width: WIDTH },
};

const shapeOf = (statuses: readonly string[], status: keyof typeof MARKS): string => {
  const { y, height, width } = MARKS[status];
  return statuses.map((own, at) => (own === status ? `M${at * SLOT} ${y}h${width}v${height}h-${width}z` : "")).join("");
};

/** The last ticks, newest at the right: tall launched runs, low was skipped, a red block failed. */
export const TickStrip = ({ sensor }: { sensor: SensorItem }): ReactNode => {
  const { status } = sensor.activity.ticks;
  const statuses = [...Array<string>(Math.max(0, SHOWN_TICKS - status.length)).fill("NONE"), ...status];
  const n = (asked: string): number => status.filter((own) => own === asked).length;
  return (
    <svg
      className="tick-strip"
      viewBox={`0 0 ${SHOWN_TICKS * SLOT - 1} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Last ${counted(status.length, "tick")}: ${n("SUCCESS")} success, ${n("SKIPPED")} skipped, ${n("FAILURE")} failure`}
    >
      {(Object.keys(MARKS) as (keyof typeof MARKS)[]).map((mark) => (
        <path key={mark} className={`tick-${mark.toLowerCase()}`} d={shapeOf(statuses, mark)} />
      ))}
    </svg>
  );
};
