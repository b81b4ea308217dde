import { type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Job } from "../../../client";
import { count, dayOf, duration, exact, shortCode, shortId, timesOfDay } from "../../parts/format";
import { runHasEnded, StatusIcon, toneOf, wordOf } from "../../parts/status";
import { useNow, useZone } from "../../parts/time";
import { type Height, scaleOf } from "./scale";

interface Props {
  job: Job;
  height: Height;
}

/** A run as a bar. */
interface RunBar {
  id: string;
  value: number | null;
  /** It goes on: its value grows. */
  grows: boolean;
}

/** Words at lines that are nearer than this share of the height would lie on each other. */
const NEAR = 0.13;

/** Fewer runs than these do not fill the width. */
const FEW = 20;

export const RunBars = ({ job, height }: Props): ReactNode => {
  const now = useNow();
  const { last_runs: runs } = job;
  const bars = useMemo(() => runs.id.map((id, at) => barOf(job, at, height, now, id)), [job, runs, height, now]);
  const lines = linesOf(job, height);
  const most = Math.max(...bars.map(({ value }) => value ?? 0), ...lines.map(([, value]) => value));
  const { top, ticks } = scaleOf(most, height);
  const say = (value: number): string => (height === "steps" ? count(value) : duration(value));
  const near = lines.length > 1 && (lines[1]![1] - lines[0]![1]) / top < NEAR;
  const share = (value: number): string => `${((100 * value) / top).toFixed(2)}%`;
  return (
    <div className="job-chart stale-ground" style={{ "--filled": Math.min(1, bars.length / FEW) } as CSSProperties}>
      <div className="values num" aria-hidden="true">
        {ticks.map(([value, word]) => (
          <span key={value} style={{ bottom: share(value) }}>
            {word}
          </span>
        ))}
      </div>
      <div className="plot">
        {ticks.slice(1).map(([value]) => (
          <i key={value} className="line" style={{ bottom: share(value) }} />
        ))}
        <CodeChanges versions={runs.code_version} />
        <Bars job={job} bars={bars} say={say} share={share} usual={lines[0]?.[1] ?? null} />
        {lines.map(([name, value], at) => (
          <i
            key={name}
            className={`usual ${name} ${near ? (at === 0 ? "under" : "over") : ""}`}
            style={{ bottom: share(value) }}
          >
            <b className="num">
              {name} {say(value)}
            </b>
          </i>
        ))}
      </div>
      <Times created={runs.created_at} />
    </div>
  );
};

const barOf = ({ last_runs: runs }: Job, at: number, height: Height, now: number, id: string): RunBar => {
  if (height === "steps") return { id, value: runs.steps[at]!, grows: false };
  const [known, since] =
    height === "duration"
      ? [runs.duration_ms[at]!, runs.started_at[at]!]
      : [runs.waited_ms[at]!, runHasEnded(runs.status[at]!) ? null : runs.created_at[at]!];
  if (known !== null) return { id, value: known, grows: false };
  return since === null
    ? { id, value: null, grows: false }
    : { id, value: Math.max(0, now - Date.parse(since)), grows: true };
};

const linesOf = ({ figures }: Job, height: Height): [string, number][] => {
  const all: [string, number | null][] =
    height === "duration"
      ? [
          ["p50", figures.p50_ms],
          ["p95", figures.p95_ms],
        ]
      : [["p50", height === "waiting" ? figures.waited_p50_ms : figures.steps_p50]];
  return all.filter((line): line is [string, number] => line[1] !== null);
};

interface BarsProps {
  job: Job;
  bars: readonly RunBar[];
  say(value: number): string;
  share(value: number): string;
  /** What a run that goes on is expected to reach. */
  usual: number | null;
}

/** One tab stop: arrows walk along, Enter opens. A drag over several compares the first with the last. */
const Bars = ({ job, bars, say, share, usual }: BarsProps): ReactNode => {
  const [, navigate] = useLocation();
  const [current, setCurrent] = useState<number | null>(null);
  const { id } = job.last_runs;
  const stop = current ?? bars.length - 1;
  const { drag, handlers } = useDrag(bars.length, (first, last) =>
    navigate(`/runs/${id[first]!}/compare/${id[last]!}`),
  );
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = Math.min(bars.length - 1, Math.max(0, stop + step));
    setCurrent(to);
    (event.currentTarget.children[to] as HTMLElement | undefined)?.focus();
  };
  return (
    <div
      className={`bars ${bars.length > MANY ? "many" : ""} ${bars.length > DENSE ? "dense" : ""}`}
      role="group"
      aria-label={`Last runs of ${job.name}, oldest first`}
      onKeyDown={walk}
      {...handlers}
    >
      {bars.map((bar, at) => (
        <Bar
          key={bar.id}
          {...{ job, bar, at, say, share, usual }}
          few={bars.length <= MANY}
          stop={at === stop}
          marked={drag !== null && at >= drag[0] && at <= drag[1]}
          onFocus={() => setCurrent(at)}
        />
      ))}
    </div>
  );
};

/** More bars than these stand closer together, */
const MANY = 60;
/** and without gaps. */
const DENSE = 250;

interface BarProps extends Omit<BarsProps, "bars"> {
  bar: RunBar;
  at: number;
  few: boolean;
  stop: boolean;
  marked: boolean;
  onFocus(): void;
}

const Bar = ({ job, bar, at, say, share, usual, few, stop, marked, onFocus }: BarProps): ReactNode => {
  const zone = useZone();
  const { id, value, grows } = bar;
  const { status: statuses, created_at } = job.last_runs;
  const status = statuses[at]!;
  const created = exact(Date.parse(created_at[at]!), zone).slice(0, 19);
  const label = `${shortId(id)}, ${wordOf(status)}, ${value === null ? "not started" : say(value)}, ${created}`;
  const rest = grows && usual !== null ? usual - value! : 0;
  return (
    <Link
      href={`/runs/${id}`}
      draggable={false}
      className={marked ? "on" : ""}
      tabIndex={stop ? 0 : -1}
      aria-label={label}
      title={label}
      onFocus={onFocus}
    >
      {status === "FAILURE" && few && <StatusIcon status={status} size={11} />}
      {rest > 0 && <i className="ghost" style={{ height: share(rest) }} />}
      <i className={`f-${toneOf(status)}`} style={{ height: value === null ? 4 : share(value), minHeight: 2 }} />
    </Link>
  );
};

/** A drag from one of `count` neighbours to another. `drag`: the first and the last of those under way. */
const useDrag = (count: number, done: (first: number, last: number) => void) => {
  const [ends, setEnds] = useState<[number, number] | null>(null);
  const indexAt = ({ currentTarget, clientX }: PointerEvent): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return Math.min(count - 1, Math.max(0, Math.floor(((clientX - left) / width) * count)));
  };
  const drag: [number, number] | null = ends && ends[0] !== ends[1] ? [Math.min(...ends), Math.max(...ends)] : null;
  const handlers = {
    onPointerDown: (event: PointerEvent) => event.button === 0 && setEnds([indexAt(event), indexAt(event)]),
    onPointerMove: (event: PointerEvent) => ends && setEnds([ends[0], indexAt(event)]),
    onPointerUp: () => {
      if (drag) done(...drag);
      setEnds(null);
    },
    onPointerLeave: () => setEnds(null),
  };
  return { drag, handlers };
};

/** Nearer to one another than this share, they would lie on each other. */
const APART = 0.07;

/** Where the code changed. */
const CodeChanges = ({ versions }: { versions: readonly string[] }): ReactNode => {
  const changes = versions.flatMap((version, at) => (at > 0 && versions[at - 1] !== version ? [at] : []));
  const shown = changes.filter((at, i) => i === changes.length - 1 || (changes[i + 1]! - at) / versions.length > APART);
  return (
    <div className="changes" aria-hidden="true">
      {shown.map((at) => (
        <i key={at} style={{ left: `${(100 * at) / versions.length}%` }}>
          <em className={`mono ${at / versions.length < 0.1 ? "behind" : ""}`}>{shortCode(versions[at]!)}</em>
        </i>
      ))}
    </div>
  );
};

/** When the runs were created that stand above it. */
const Times = ({ created }: { created: readonly string[] }): ReactNode => {
  const zone = useZone();
  const last = created.length - 1;
  const places = last < 4 ? [...new Set([0, last])] : [0, 1, 2, 3, 4].map((part) => Math.round((part * last) / 4));
  const moments = places.map((at) => Date.parse(created[at]!));
  const days = moments.map((at) => dayOf(at, zone));
  return (
    <div className="times num" aria-hidden="true">
      {timesOfDay(moments, zone).map((time, i) => (
        // The day only where it changes.
        <span key={places[i]}>{days[i] === days[i - 1] ? time : `${days[i]!}\u00a0${time}`}</span>
      ))}
    </div>
  );
};
