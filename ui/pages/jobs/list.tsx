import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type MouseEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { JobSummary } from "../../../client";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { count } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { useNarrow } from "../../parts/narrow";
import { COLUMNS, PhoneRow } from "./cells";
import { isFailing, type Line } from "./rows";

const ROW = 32;
const PHONE_ROW = 64;
const KEPT = 15;

interface Props {
  lines: readonly Line[];
  sort: string;
  setSort(sort: string): void;
}

const href = (name: string): string => `/jobs/${encodeURIComponent(name)}`;

/** Jobs in a table of which only what is in view exists. */
export const JobList = ({ lines, sort, setSort }: Props): ReactNode => {
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? PHONE_ROW : ROW),
    overscan: KEPT,
  });
  useLayoutEffect(() => virtual.measure(), [narrow, virtual]);
  const [current, setCurrent] = useState<number | null>(null);
  useRowKeys(lines, current, (at) => {
    setCurrent(at);
    virtual.scrollToIndex(at);
  });
  return (
    <div
      className="joblist stale-ground"
      ref={scroller}
      role="table"
      aria-label="Jobs"
      aria-rowcount={lines.length + 1}
      tabIndex={0}
    >
      <Head sort={sort} setSort={setSort} />
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index]!;
          return "job" in line ? (
            <Row key={index} job={line.job} at={index} start={start} narrow={narrow} current={index === current} />
          ) : (
            <div key={index} role="row" aria-rowindex={index + 2} className="jobrow group" style={placed(start)}>
              <span role="cell" className="strong">
                {line.title} <span className="dim num">{count(line.jobs)}</span>
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
};

const placed = (start: number) => ({ position: "absolute", top: 0, transform: `translateY(${start}px)` }) as const;

const Head = ({ sort, setSort }: Pick<Props, "sort" | "setSort">): ReactNode => (
  <div role="rowgroup" className="jobhead">
    <div role="row" className="jobrow" aria-rowindex={1}>
      {COLUMNS.map(({ name, title, right, sort: by }) => {
        const on = by !== undefined && sort.replace("-", "") === by;
        const falls = sort.startsWith("-");
        return (
          <span
            key={name}
            role="columnheader"
            className={`c-${name} ${right ? "right" : ""}`}
            {...(on && { "aria-sort": falls ? ("descending" as const) : ("ascending" as const) })}
          >
            {by === undefined ? (
              <span className={name === "launch" ? "sr" : ""}>{title}</span>
            ) : (
              <button type="button" onClick={() => setSort(nextSort(by, sort))}>
                {title}
                {on && <Icon name={falls ? "down" : "up"} size={11} />}
              </button>
            )}
          </span>
        );
      })}
    </div>
  </div>
);

/** Falling, rising, and back to what fails first; names rise first. */
const nextSort = (by: string, sort: string): string => {
  const [first, second] = by === "job" || by === "next" ? [by, `-${by}`] : [`-${by}`, by];
  return sort === first ? second : sort === second ? "" : first;
};

interface RowProps {
  job: JobSummary;
  at: number;
  start: number;
  narrow: boolean;
  current: boolean;
}

const Row = memo(({ job, at, start, narrow, current }: RowProps): ReactNode => {
  const [, navigate] = useLocation();
  /** A bar opens its run, the row the job. */
  const open = ({ target }: MouseEvent): void => {
    if (!(target instanceof Element) || target.closest("a, button") || getSelection()?.isCollapsed === false) return;
    const run = target instanceof HTMLElement ? target.dataset.run : undefined;
    navigate(run === undefined ? href(job.name) : `/runs/${run}`);
  };
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      {...(current && { "aria-current": true })}
      className={`jobrow ${narrow ? "phone" : ""} ${isFailing(job) ? "bad" : ""}`}
      style={placed(start)}
      onClick={open}
    >
      {narrow ? (
        <PhoneRow job={job} />
      ) : (
        COLUMNS.map(({ name, right, cell }) => (
          <span key={name} role="cell" className={`c-${name} ${right ? "right" : ""}`}>
            {cell(job)}
          </span>
        ))
      )}
    </div>
  );
});

const useRowKeys = (lines: readonly Line[], current: number | null, setCurrent: (at: number) => void): void => {
  const [, navigate] = useLocation();
  const latest = useRef({ lines, current, setCurrent });
  useLayoutEffect(() => {
    latest.current = { lines, current, setCurrent };
  });
  useKeys(
    useMemo<KeyGroup>(() => {
      const move = (step: 1 | -1): void => {
        const { lines, current, setCurrent } = latest.current;
        let to = current === null ? (step > 0 ? 0 : -1) : current + step;
        while (lines[to] && "title" in lines[to]!) to += step;
        if (lines[to]) setCurrent(to);
      };
      const openIt = (): boolean => {
        const { lines, current } = latest.current;
        const line = current === null ? undefined : lines[current];
        if (!line || !("job" in line)) return false;
        navigate(href(line.job.name));
        return true;
      };
      return {
        title: "Jobs",
        bindings: [
          { keys: "j", label: "Next job", act: () => move(1) },
          { keys: "k", label: "Previous job", act: () => move(-1) },
          { keys: "Enter", label: "Open it", act: openIt },
        ],
      };
    }, [navigate]),
  );
};
