import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LostWorker, Queue, Worker } from "../../../client";
import { useParam } from "../../data/url";
import { Bar } from "../../parts/bars";
import { count, counted, perSecond } from "../../parts/format";
import { groupsOf, isOf, type Ribbon, ribbonsOf, usualCode } from "./groups";
import { Oldest } from "./oldest";
import { GoneTile, WorkerTile } from "./worker-tile";

const WIDEST_PX = 24;
const THINNEST_PX = 2;

interface Props {
  queues: readonly Queue[];
  workers: readonly Worker[];
  lost: readonly LostWorker[];
}

/** What is shown: all, or the queue that was chosen and those who take it. */
const useChosen = ({ queues: all, workers }: Props) => {
  const [asked, ask] = useParam("queue");
  const chosen = all.some(({ name }) => name === asked) ? asked : null;
  const queues = useMemo(() => all.filter(({ name }) => chosen === null || name === chosen), [all, chosen]);
  const groups = useMemo(
    () => groupsOf(workers).filter((group) => chosen === null || group.queues.includes(chosen)),
    [workers, chosen],
  );
  const choose = (name: string): void => ask(name === chosen ? null : name, { push: true });
  return { queues, groups, chosen, choose };
};

/** Queues at the left, workers at the right, and between them who works for whom. */
export const Flow = (props: Props): ReactNode => {
  const { workers, lost } = props;
  const { queues, groups, chosen, choose } = useChosen(props);
  const ribbons = useMemo(() => ribbonsOf(queues, groups), [queues, groups]);
  const code = usualCode(workers);
  const { left, right, places } = usePlaces(queues.length, groups.length, workers.length + lost.length);
  const most = Math.max(1, ...queues.map(({ queued }) => queued));
  return (
    <div className="flow">
      <ul className="qcs" ref={left} aria-label="Queues">
        {queues.map((queue) => (
          <QueueCard
            key={queue.name}
            queue={queue}
            most={most}
            chosen={queue.name === chosen}
            choose={() => choose(queue.name)}
          />
        ))}
      </ul>
      <Ribbons ribbons={ribbons} places={places} choose={(queue) => choose(queues[queue]!.name)} />
      <div className="wgs" ref={right}>
        {groups.map((group) => (
          <section key={group.queues.join()} className="wg" aria-label={`Workers that take ${group.queues.join(", ")}`}>
            <div className="wgh">
              <span className="dim">takes</span> <b className="mono ell">{group.queues.join(", ")}</b>
              <span className="grow" />
              <span className="num dim nw">
                {counted(group.workers.length, "worker")} · {counted(group.slots, "slot")}
              </span>
            </div>
            <ul className="wts">
              {group.workers.map((worker) => (
                <WorkerTile key={worker.id} worker={worker} code={code} />
              ))}
              {lost.filter(isOf(group)).map((worker) => (
                <GoneTile key={worker.id} worker={worker} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
};

interface CardProps {
  queue: Queue;
  most: number;
  chosen: boolean;
  choose(): void;
}

const QueueCard = ({ queue, most, chosen, choose }: CardProps): ReactNode => (
  <li className={`qc ${chosen ? "chosen" : ""}`}>
    <div className="qch">
      <button
        type="button"
        className="mono strong ell"
        aria-pressed={chosen}
        title={chosen ? "Show all queues" : `Show ${queue.name} and who takes it alone`}
        onClick={choose}
      >
        {queue.name}
      </button>
      <span className="grow" />
      <span className="num nw">
        {queue.in_per_second !== null && <span className="dim">{perSecond(queue.in_per_second)} in&ensp;</span>}
        <b>{perSecond(queue.out_per_second)} out/s</b>
      </span>
    </div>
    <div className="qcn num">
      <b>{count(queue.queued)}</b> <span className="dim">waiting</span>
      <span className="grow" />
      {queue.workers === 0 ? (
        <span className="t-retry">no worker takes it</span>
      ) : (
        <Oldest at={queue.oldest_ready_at} />
      )}
    </div>
    <Bar
      parts={[
        ["started", queue.queued - queue.held_back],
        ["queued", queue.held_back],
      ]}
      total={most}
      of="Waiting steps"
    />
  </li>
);

interface Places {
  height: number;
  /** Middles, in px from the top. */
  queues: number[];
  groups: number[];
}

/** Where cards and groups stand, measured whenever their number or the window changes. */
const usePlaces = (queues: number, groups: number, workers: number) => {
  const left = useRef<HTMLUListElement>(null);
  const right = useRef<HTMLDivElement>(null);
  const [places, setPlaces] = useState<Places>({ height: 0, queues: [], groups: [] });
  useLayoutEffect(() => {
    const measure = (): void => {
      const [from, to] = [left.current!, right.current!];
      const top = from.getBoundingClientRect().top;
      const middles = (parent: Element): number[] =>
        [...parent.children].map((child) => {
          const box = child.getBoundingClientRect();
          return box.top + box.height / 2 - top;
        });
      setPlaces({
        height: Math.max(from.scrollHeight, to.scrollHeight),
        queues: middles(from),
        groups: middles(to),
      });
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(left.current!);
    watcher.observe(right.current!);
    return () => watcher.disconnect();
  }, [queues, groups, workers]);
  return { left, right, places };
};

interface RibbonProps {
  ribbons: readonly Ribbon[];
  places: Places;
  choose(queue: number): void;
}

/** For eye and pointer alone: the cards and the groups say the same in words, and their names choose. */
const Ribbons = ({ ribbons, places, choose }: RibbonProps): ReactNode => (
  <svg
    className="ribbons"
    viewBox={`0 0 100 ${Math.max(1, places.height)}`}
    height={places.height}
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    {ribbons.map(({ queue, group, share, runs }) => {
      const [from, to] = [places.queues[queue], places.groups[group]];
      if (from === undefined || to === undefined) return null;
      const width = Math.max(THINNEST_PX, share * WIDEST_PX);
      return (
        <path
          key={`${queue} ${group}`}
          d={`M0 ${from} C50 ${from} 50 ${to} 100 ${to}`}
          fill="none"
          stroke={runs || share > 0 ? "var(--started)" : "var(--line2)"}
          strokeWidth={width}
          opacity={runs || share > 0 ? 0.34 : 1}
          vectorEffect="non-scaling-stroke"
          pointerEvents="stroke"
          onClick={() => choose(queue)}
        />
      );
    })}
  </svg>
);
