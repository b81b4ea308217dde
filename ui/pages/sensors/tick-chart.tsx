import type { CSSProperties, ReactNode } from "react";
import type { Tick } from "../../../client";
import { writeParams } from "../../data/url";
import { counted, duration, timeOfDay, timesOfDay } from "../../parts/format";
import { StatusIcon, wordOf } from "../../parts/status";
import { useZone } from "../../parts/time";

const SHOWN = 60;
const LEAST = { SUCCESS: 20, FAILURE: 14, SKIPPED: 7, STARTED: 10 };

const tookMs = ({ started_at, ended_at }: Tick): number =>
  ended_at === null ? 0 : Date.parse(ended_at) - Date.parse(started_at);

/** The course of the last ticks, newest at the right; height says how long each took, beside how it ended. */
export const TickChart = ({
  ticks,
  publishedAt,
  code,
}: {
  ticks: readonly Tick[];
  publishedAt: string;
  code: string;
}): ReactNode => {
  const zone = useZone();
  const shown = ticks.slice(0, SHOWN).toReversed();
  if (shown.length === 0) return null;
  const longest = Math.max(...shown.map(tookMs), 1);
  const firstOfCode = shown.findIndex(({ started_at }) => started_at >= publishedAt);
  const labels = [0, 1, 2, 3].map((third) =>
    Date.parse(shown[Math.round(((shown.length - 1) * third) / 3)]!.started_at),
  );
  return (
    <section style={{ "--ticks": shown.length } as CSSProperties}>
      <h3>
        Last {counted(shown.length, "tick")}
        <span className="row counts num">
          {(["SUCCESS", "SKIPPED", "FAILURE"] as const).map((status) => (
            <span key={status}>
              <StatusIcon status={status} size={11} label={wordOf(status)} />
              {shown.filter((tick) => tick.status === status).length}
            </span>
          ))}
        </span>
      </h3>
      <div className="tick-chart">
        {shown.map((tick) => (
          <button
            key={tick.id}
            type="button"
            tabIndex={-1}
            title={`${timeOfDay(Date.parse(tick.started_at), zone, true)} ${wordOf(tick.status)}, ${duration(tookMs(tick))}`}
            aria-label={`Tick at ${timeOfDay(Date.parse(tick.started_at), zone, true)}: ${wordOf(tick.status)}`}
            onClick={() => writeParams({ tick: tick.id })}
          >
            <i
              className={`tick-${tick.status.toLowerCase()}`}
              style={{ height: LEAST[tick.status] + (10 * tookMs(tick)) / longest }}
            />
          </button>
        ))}
        {firstOfCode > 0 && (
          <span className="cut" style={{ left: `${(100 * firstOfCode) / shown.length}%` }}>
            <em className={firstOfCode < 10 ? "after" : ""}>{code.slice(0, 7)}</em>
          </span>
        )}
      </div>
      <div className="axis num">
        {shown.length > 3 && timesOfDay(labels, zone).map((time, at) => <span key={labels[at]}>{time}</span>)}
      </div>
    </section>
  );
};
