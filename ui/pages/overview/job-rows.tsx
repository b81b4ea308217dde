import { memo, type MouseEvent, type PointerEvent, type ReactNode, useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Overview, OverviewJob } from "../../../client";
import { writeParams } from "../../data/url";
import { Button } from "../../parts/buttons";
import { count, counted, dayOf, duration, percent, shortId, timeOfDay } from "../../parts/format";
import { JobLink } from "../../parts/ids";
import { type Status, StatusIcon, StatusWord, toneOf, wordOf } from "../../parts/status";
import { useZone } from "../../parts/time";
import { type Axis, axisOf, expectedOf, placeOf, ticksOf } from "./axis";
import { RANGE_WORDS } from "./counts";
import { clockMoment, type Span } from "./span";

interface Props {
  overview: Overview;
  span: Span | null;
  setSpan(from: number, to: number): void;
}

const LEGEND: readonly Status[] = ["SUCCESS", "FAILURE", "STARTED", "QUEUED", "CANCELED"];
/** Less is a click. */
const DRAG_PX = 4;

/** Runs of the jobs that fail, and of the busiest: a bar each. A drag chooses a part of the time. */
export const JobRows = ({ overview, span, setSpan }: Props): ReactNode => {
  const { jobs, range } = overview;
  const axis = useMemo(() => axisOf(overview), [overview]);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const brush = drag ? [Math.min(...drag), Math.max(...drag)] : span && [span.from, span.to];
  return (
    <section className="card ov-jobs" aria-label="Runs by job">
      <div className="cardh">
        <h2>Runs by job</h2>
        {span ? (
          <SpanButton span={span} />
        ) : (
          <span className="sub num ell">
            {count(jobs.items.length)} of {count(jobs.total)} · failing and busiest first
          </span>
        )}
        <span className="grow" />
        <span className="legend" aria-hidden="true">
          {LEGEND.map((status) => (
            <StatusWord key={status} status={status} />
          ))}
          <span className="st">
            <i className="ov-next" />
            Next
          </span>
        </span>
        <span className="narrow-only">
          <span className="sub">last {RANGE_WORDS[range]}</span>
        </span>
      </div>
      <TimeAxis axis={axis} days={range === "7d"} />
      <div className="ov-rows stale-ground">
        <div className="ov-ground" aria-hidden="true">
          <div className="track">
            {ticksOf(axis).map((at) => (
              <i key={at} className="grid" style={{ left: axis.percent(at) }} />
            ))}
            <i className="future" style={{ left: axis.percent(axis.now) }} />
            <i className="now" style={{ left: axis.percent(axis.now) }} />
            {brush && (
              <i
                className="ov-brush"
                style={{ left: axis.percent(brush[0]!), right: `calc(100% - ${axis.percent(brush[1]!)})` }}
              />
            )}
          </div>
        </div>
        {jobs.items.map((job) => (
          <Row key={job.job} job={job} axis={axis} drag={dragging(axis, drag, setDrag, setSpan)} />
        ))}
      </div>
    </section>
  );
};

/** All panels tell of this part of the time; without it, of all of it again. */
const SpanButton = ({ span: { from, to } }: { span: Span }): ReactNode => {
  const zone = useZone();
  const show = (): void => writeParams({ time: null }, { push: true });
  return (
    <Button small icon="close" keys="Esc" title="All panels tell of this time; show all of it again" onClick={show}>
      {clockMoment(from, to, zone)} to {timeOfDay(to, zone)}
    </Button>
  );
};

/** Words of moments that are nearer than this share of the width would lie on each other. */
const APART = 0.15;

const TimeAxis = ({ axis, days }: { axis: Axis; days: boolean }): ReactNode => {
  const zone = useZone();
  return (
    <div className="ov-axis num" aria-hidden="true">
      <div className="track">
        {ticksOf(axis, zone)
          .filter((at) => axis.share(axis.now) - axis.share(at) > APART)
          .map((at) => (
            <span key={at} style={{ left: axis.percent(at) }} className={axis.share(at) < 0.03 ? "first" : ""}>
              {days ? dayOf(at, zone) : timeOfDay(at, zone)}
            </span>
          ))}
        <span className="nowword" style={{ left: axis.percent(axis.now) }}>
          {timeOfDay(axis.now, zone)} now
        </span>
      </div>
    </div>
  );
};

type Dragging = ReturnType<typeof dragging>;

const dragging = (
  axis: Axis,
  drag: [number, number] | null,
  setDrag: (drag: [number, number] | null) => void,
  setSpan: (from: number, to: number) => void,
) => {
  const timeOf = ({ currentTarget, clientX }: PointerEvent): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return Math.min(axis.now, Math.max(axis.from, axis.from + ((clientX - left) / width) * (axis.to - axis.from)));
  };
  const widthOf = ({ currentTarget }: PointerEvent): number => currentTarget.getBoundingClientRect().width;
  const far = (event: PointerEvent): boolean =>
    drag !== null && (Math.abs(drag[1] - drag[0]) / (axis.to - axis.from)) * widthOf(event) > DRAG_PX;
  return {
    onPointerDown: (event: PointerEvent) => event.button === 0 && setDrag([timeOf(event), timeOf(event)]),
    onPointerMove: (event: PointerEvent) => {
      if (!drag) return;
      setDrag([drag[0], timeOf(event)]);
      if (far(event)) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerUp: (event: PointerEvent) => {
      if (drag && far(event)) setSpan(...drag);
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
  };
};

const Row = ({ job, axis, drag }: { job: OverviewJob; axis: Axis; drag: Dragging }): ReactNode => {
  const { ended, succeeded, failed, failing, last_status } = job;
  return (
    <div className="ov-row">
      <div className="name">
        <StatusIcon
          status={last_status ?? "PENDING"}
          size={12}
          label={last_status ? `last: ${wordOf(last_status)}` : "has not ended yet"}
        />
        <JobLink name={job.job} className="ell" />
        <span
          className={`num ${failing ? "t-failure" : "dim"}`}
          title={`${count(succeeded)} of the last ${count(ended)} ended runs succeeded`}
        >
          {percent(succeeded, succeeded + failed)}
        </span>
      </div>
      <Track job={job} axis={axis} drag={drag} />
    </div>
  );
};

const Track = ({ job, axis, drag }: { job: OverviewJob; axis: Axis; drag: Dragging }): ReactNode => {
  const [, navigate] = useLocation();
  const zone = useZone();
  const { bars } = job;
  const indexOf = (event: MouseEvent): number =>
    event.target instanceof HTMLElement ? Number(event.target.dataset.run ?? -1) : -1;
  /** Said of a bar once the pointer is on it: the others need no words. */
  const name = (event: MouseEvent): void => {
    const at = indexOf(event);
    if (at < 0) return;
    const [from, to] = [bars.started_at[at] ?? bars.created_at[at]!, bars.ended_at[at]];
    const took = duration((to ? Date.parse(to) : axis.now) - Date.parse(from));
    (event.target as HTMLElement).title =
      `${shortId(bars.id[at]!)} · ${wordOf(bars.status[at]!)} · ${took} · ${timeOfDay(Date.parse(from), zone, true)}`;
  };
  const open = (event: MouseEvent): void => {
    const at = indexOf(event);
    if (at >= 0) navigate(`/runs/${bars.id[at]!}`);
  };
  const label = `${counted(job.runs, "run")}, ${count(job.failures)} failed, ${count(job.started)} running, ${count(job.queued)} queued`;
  return (
    <div className="track" role="img" aria-label={label} onPointerOver={name} onClick={open} {...drag}>
      <Bars job={job} axis={axis} />
      <Ahead job={job} axis={axis} />
    </div>
  );
};

const Bars = memo(({ job: { bars, more }, axis }: { job: OverviewJob; axis: Axis }): ReactNode => {
  const oldest = bars.created_at[0];
  return (
    <>
      {more && oldest && (
        <i
          className="earlier"
          title="Earlier runs are not drawn"
          style={{ left: 0, width: axis.percent(Date.parse(oldest)) }}
        />
      )}
      {bars.id.map((id, at) => {
        const status = bars.status[at]!;
        const place = placeOf(axis, bars.started_at[at] ?? bars.created_at[at]!, bars.ended_at[at] ?? null);
        return place && <i key={id} data-run={at} className={`bar f-${toneOf(status)}`} style={place} />;
      })}
    </>
  );
});

const ahead = (axis: Axis) => ({ left: `calc(${axis.percent(axis.now)} + 8px)` });

/** Behind the last run, where words have room before now: `ended`, null while it goes on, nothing without any. */
const behind = (ended: string | null | undefined, axis: Axis) => {
  const at = ended === undefined ? axis.from : ended === null ? axis.now : Date.parse(ended);
  return axis.share(at) > 0.7 ? ahead(axis) : { left: `calc(${axis.percent(at)} + 12px)` };
};

/** Runs that are to be expected; where none will come, why. */
const Ahead = ({ job, axis }: { job: OverviewJob; axis: Axis }): ReactNode => {
  const { sensors, bars } = job;
  if (sensors.length === 0) return null;
  if (sensors.some(({ failing }) => failing))
    return (
      <Link
        href={`/sensors?sel=${encodeURIComponent(sensors.find(({ failing }) => failing)!.name)}`}
        className="ov-why t-failure"
        style={ahead(axis)}
      >
        sensor fails
      </Link>
    );
  if (sensors.every(({ status }) => status === "STOPPED"))
    return (
      <span className="ov-why dim" style={behind(bars.ended_at.at(-1), axis)}>
        sensor off
      </span>
    );
  const expected = expectedOf(job, axis);
  if (expected === "all the time")
    return (
      <i
        className="earlier"
        title="More runs are expected all the time"
        style={{ left: axis.percent(axis.now), right: 0 }}
      />
    );
  return (
    <>
      {expected.map((at) => (
        <i key={at} className="ov-next" style={{ left: axis.percent(at) }} />
      ))}
    </>
  );
};
