import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { serverNow } from "../../../data/server-clock";
import { useParam } from "../../../data/url";
import { criticalPath, withRest } from "../steps/critical-path";
import type { Moment } from "../steps/past-state";
import { endOf } from "../steps/use-moment";
import { Chart } from "./chart";
import type { ChartData } from "./draw/scene";
import { useChartKeys } from "./chart-keys";
import { Hover } from "./hover";
import { Minimap } from "./minimap";
import { Names } from "./names";
import { PathRow } from "./path-row";
import type { Mode, Shown } from "./timeline";
import { useChartPointer } from "./use-chart-pointer";
import { useRowAnchor } from "./use-row-anchor";
import { type Goal, useGoal } from "./use-goal";
import type { View } from "./view";
import { WorkerFoot } from "./worker-foot";

interface Props extends Shown {
  moment: Moment;
  data: ChartData;
  view: View;
  mode: Mode;
  selected: string;
  goal: Goal | null;
  select(key: string): void;
}

const MARGIN_ROWS = 20;

/** Names as elements, bars on a canvas, and what is marked on another one above it. */
export const Gantt = (props: Props): ReactNode => {
  const { data, view, mode, selected, select, steps, moment, run } = props;
  const chart = useMemo(() => new Chart(view), [view]);
  // Of what is in view nothing is drawn by React, of what there is to be seen some is.
  useSyncExternalStore(view.watch, () => view.whole);
  const scroller = useRef<HTMLDivElement>(null);
  const bars = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  useCanvases({ chart, scroller, bars, overlay, axis });
  useRowAnchor(scroller, data);
  const range = useRange(chart, scroller, data);
  const [withPath] = useParam("path");
  const path = useMemo(
    () => (withPath === "" && mode !== "worker" ? withRest(criticalPath(steps, moment), data.forecast) : []),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [steps, props.version, withPath, mode, moment.at],
  );
  useDrawing({ ...props, chart, path });
  const hover = useChartPointer({ chart, scroller, select, canvas: overlay });
  const { row, go, onKeyDown, said } = useChartKeys({ chart, data, select, scroller });
  useGoal(props.goal, data.rows, go);
  return (
    <div className="gantt">
      {path.length > 0 && <PathRow path={path} steps={steps} whole={view.whole} select={select} />}
      <Minimap {...{ run, chart, data, moment }} last={() => endOf(steps, run) ?? serverNow() - steps.origin} />
      <div className="grow0 gaxis">
        <div className="gn dim">
          {mode === "worker" ? "Worker, slot" : "Step"}
          <span className="gd">{mode === "worker" ? "Running, busy" : "Duration"}</span>
        </div>
        <canvas ref={axis} aria-hidden="true" />
      </div>
      <div
        ref={scroller}
        className="gbody"
        role="application"
        tabIndex={0}
        aria-label="Timeline. Arrows move by row and attempt, Enter opens a step, p and n go to failures, o orders open groups, m shows a table."
        onKeyDown={onKeyDown}
      >
        <div className="gspace" style={{ height: Math.max(data.rows.total + 40, 60) }}>
          <Names {...{ data, range, selected, row, select, mode }} />
          <div className="gcanvas">
            <canvas ref={bars} aria-hidden="true" />
            <canvas ref={overlay} aria-hidden="true" />
          </div>
        </div>
      </div>
      <p className="sr" aria-live="polite">
        {said}
      </p>
      {mode === "worker" && <WorkerFoot data={data} />}
      {hover && <Hover {...hover} steps={steps} moment={moment} />}
    </div>
  );
};

interface Elements {
  chart: Chart;
  scroller: { current: HTMLElement | null };
  bars: { current: HTMLCanvasElement | null };
  overlay: { current: HTMLCanvasElement | null };
  axis: { current: HTMLCanvasElement | null };
}

/** Gives the chart its canvases, and the size that the window leaves them. */
const useCanvases = ({ chart, scroller, bars, overlay, axis }: Elements): void =>
  useLayoutEffect(() => {
    const detach = chart.attach({ bars: bars.current!, overlay: overlay.current!, axis: axis.current! });
    const place = bars.current!.parentElement!;
    const measure = (): void => {
      const height = scroller.current!.clientHeight;
      place.style.setProperty("height", `${height}px`);
      chart.resize(Math.max(60, place.clientWidth), height);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(scroller.current!);
    measure();
    return () => {
      observer.disconnect();
      detach();
    };
  }, [chart, scroller, bars, overlay, axis]);

/** Rows whose names are there: those in view and some around them. */
const useRange = (chart: Chart, scroller: { current: HTMLDivElement | null }, { rows }: ChartData) => {
  const [first, setFirst] = useState(0);
  useEffect(() => {
    const element = scroller.current!;
    const moved = (): void => {
      chart.scroll(element.scrollTop);
      // In steps, so that scrolling seldom renders anything.
      setFirst(Math.max(0, Math.floor((rows.at(chart.top) - MARGIN_ROWS) / 10) * 10));
    };
    element.addEventListener("scroll", moved, { passive: true });
    moved();
    return () => element.removeEventListener("scroll", moved);
  }, [chart, scroller, rows]);
  let last = first;
  const end = rows.top(Math.min(rows.count, first)) + chart.height + (2 * MARGIN_ROWS + 10) * 26;
  while (last < rows.count && rows.top(last) < end) last++;
  return { first: Math.min(first, rows.count), last };
};

/** Tells the chart what to draw. */
const useDrawing = ({
  chart,
  data,
  moment,
  selected,
  steps,
  run,
  path,
}: Props & { chart: Chart; path: ReturnType<typeof criticalPath> }): void => {
  useEffect(() => {
    const { origin } = steps;
    chart.show({
      data: { ...data, moment },
      clock: moment.live && run.ended_at === null ? () => serverNow() - origin : null,
      selected: steps.placeOf(selected) ?? null,
      critical: new Set(path.flatMap(({ step }) => step ?? [])),
    });
  }, [chart, data, moment, selected, steps, run.ended_at, path]);
};
