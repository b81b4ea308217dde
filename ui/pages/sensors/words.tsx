import type { ReactNode } from "react";
import type { SensorSummary } from "../../../client";
import { dayOf, duration, exact, moment, timeOfDay } from "../../parts/format";
import { type Status, StatusWord, wordOf } from "../../parts/status";
import { Moment, useNow, useZone } from "../../parts/time";

/** "every 30 s", "on failure of a run" */
export const whenOf = ({ kind, minimum_interval_seconds, run_statuses }: SensorSummary): string =>
  kind === "sensor"
    ? `every ${duration(minimum_interval_seconds * 1000).replace(/\.0+(?=\D)/, "")}`
    : `on ${run_statuses.map((status) => wordOf(status as Status).toLowerCase()).join(", ")} of a run`;

/** What it launches, else what it watches. */
export const targetOf = ({ jobs, monitored_jobs, kind }: SensorSummary): string =>
  (jobs.length > 0 ? jobs : monitored_jobs).join(", ") || (kind === "sensor" ? "no job" : "all jobs");

/** When it ticks next. */
export const NextTick = ({ sensor }: { sensor: SensorSummary }): ReactNode => {
  const now = useNow();
  const zone = useZone();
  if (sensor.status === "STOPPED" || sensor.evaluating) return <span className="dim">—</span>;
  if (sensor.kind === "run_status_sensor" && sensor.last_tick?.status !== "FAILURE")
    return <span className="dim">on event</span>;
  const at = Date.parse(sensor.next_tick_at);
  return <span className="num">{at <= now ? "due" : moment(at, now, zone)}</span>;
};

/** `13:45`, of another day `24 Nov 13:45`. */
const Since = ({ at }: { at: string }): ReactNode => {
  const zone = useZone();
  const now = useNow();
  const ms = Date.parse(at);
  const day = dayOf(ms, zone);
  return (
    <time className="num" dateTime={at} title={exact(ms, zone)}>
      {day !== dayOf(now, zone) && `${day} `}
      {timeOfDay(ms, zone)}
    </time>
  );
};

/** How its last tick ended, and when; that it is off, or ticks now. */
export const LastTick = ({ sensor, inline }: { sensor: SensorSummary; inline?: boolean }): ReactNode => {
  const { status, status_since, evaluating, last_tick } = sensor;
  const ago = last_tick && <Moment at={last_tick.started_at} />;
  if (status === "STOPPED")
    return (
      <>
        <span className="st dim">
          Off
          {status_since !== null && (
            <>
              {" "}
              since <Since at={status_since} />
            </>
          )}
        </span>
        {last_tick && <span className="ago dim">{inline ? <>, last tick {ago}</> : <>last tick {ago}</>}</span>}
      </>
    );
  if (evaluating) return <StatusWord status="STARTED" />;
  if (last_tick === null) return <span className="st dim">No tick yet</span>;
  return (
    <>
      <StatusWord status={last_tick.status as Status} />
      <span className="ago dim">
        {inline && ", "}
        {ago}
      </span>
    </>
  );
};
