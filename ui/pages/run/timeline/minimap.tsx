import { type PointerEvent, type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import type { Run } from "../../../../client";
import type { Moment } from "../steps/past-state";
import { useAskedMoment } from "../steps/use-moment";
import type { Chart } from "./chart";
import { densityOf, heightAt, COLUMN } from "./draw/density";
import { onPalette, palette } from "./draw/palette";
import { prepared } from "./draw/paint";
import { offsetText, Scale } from "./draw/scale";
import type { ChartData } from "./draw/scene";
import { brushKeys, brushText, headKeys } from "./minimap-keys";
import { TakeoverMarks } from "./takeover-marks";
import type { View } from "./view";

const HEIGHT = 34;
const REACH_PX = 8;
/** Room for what the playhead says, at its right. */
const WORDS_PX = 56;

interface Props {
  run: Run;
  chart: Chart;
  data: ChartData;
  moment: Moment;
  /** The last moment that there is, in ms since the run's creation. */
  last(): number;
}

/** Slots in use over the whole run, what part of it is in view, and the moment that is shown. */
export const Minimap = ({ run, chart, data, moment, last }: Props): ReactNode => {
  const { view } = chart;
  const canvas = useRef<HTMLCanvasElement>(null);
  const brush = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [asked, ask] = useAskedMoment();
  const most = useSlots({ data, moment, view, canvas });
  const place = useCallback(() => {
    const scale = wholeScale(view);
    const { from, to } = view.span();
    const [x0, x1] = [Math.max(0, scale.x(from)), Math.min(view.width, scale.x(to))];
    Object.assign(brush.current!.style, { left: `${x0}px`, width: `${Math.max(6, x1 - x0)}px` });
    const at = Math.min(view.width, scale.x(chart.at));
    head.current!.style.left = `${at}px`;
    head.current!.classList.toggle("left", at > view.width - WORDS_PX);
    tell(brush.current!, { now: from, most: view.whole.to, text: brushText(view) });
    tell(head.current!, { now: chart.at, most: view.whole.to });
  }, [chart, view]);
  useEffect(() => {
    place();
    return chart.watch(place);
  }, [chart, place]);
  const drag = useBrush(view, (at) => ask(at));
  const live = run.ended_at === null;
  const end = live ? "now, live" : "the end";
  return (
    <div className="grow0 gmini">
      <div className="gn dim">
        Slots in use<span className="gd num">{Math.round(most)}</span>
      </div>
      <div className="gminic" {...drag}>
        <canvas ref={canvas} aria-hidden="true" />
        <TakeoverMarks runId={run.id} of={data.steps.takeovers} scale={wholeScale(view)} />
        <div
          {...SLIDER}
          ref={brush}
          className="gbrush"
          aria-label="Part of the run that is in view"
          onKeyDown={brushKeys(view)}
        />
        <div
          {...SLIDER}
          ref={head}
          className="gplay"
          data-past={asked !== null || undefined}
          data-playhead=""
          aria-label="Moment that is shown"
          aria-valuetext={asked === null ? end : offsetText(Math.min(asked, last()), 1)}
          onKeyDown={headKeys({ view, last, shown: () => chart.at, ask })}
        >
          <b className="num">{asked === null ? (live ? "LIVE" : "") : offsetText(asked, 1)}</b>
        </div>
      </div>
    </div>
  );
};

const SLIDER = { role: "slider", tabIndex: 0, "aria-valuenow": 0 } as const;

/** Where a slider is, without drawing anything anew. Of milliseconds it is told tenths of a second. */
const tell = (slider: HTMLElement, { now, most, text }: { now: number; most: number; text?: string }): void => {
  slider.ariaValueMax = String(Math.round(most / 100) / 10);
  slider.ariaValueNow = String(Math.round(now / 100) / 10);
  if (text !== undefined) slider.ariaValueText = text;
};

const wholeScale = (view: View): Scale => new Scale(view.whole, view.width, view.folds);

const useSlots = ({
  data,
  moment,
  view,
  canvas,
}: {
  data: ChartData;
  moment: Moment;
  view: View;
  canvas: { current: HTMLCanvasElement | null };
}): number => {
  // Of what goes on, up to now.
  const until = moment.live ? moment.at : data.steps.lastEnd;
  const density = useMemo(
    () => densityOf(data.usages(), wholeScale(view), until),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [data, until, view, view.whole.to, view.width, view.folds],
  );
  useEffect(() => {
    const draw = (): void => {
      const { columns, most } = density;
      const colours = palette();
      const context = prepared(canvas.current!, view.width, HEIGHT - 1);
      context.beginPath();
      context.moveTo(0, HEIGHT);
      for (let column = 0; column < columns; column++)
        context.lineTo(column * COLUMN, HEIGHT - 1 - (heightAt(density, column) / (most || 1)) * (HEIGHT - 8));
      context.lineTo(columns * COLUMN, HEIGHT);
      context.fillStyle = colours.started;
      context.globalAlpha = 0.22;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = colours.started;
      context.stroke();
      for (const fold of wholeScale(view).folds) {
        context.fillStyle = colours.sunken;
        context.fillRect(fold.x, 0, fold.width, HEIGHT);
        context.fillStyle = colours.ctl;
        for (let x = fold.x; x <= fold.x + fold.width; x += 5) context.fillRect(Math.round(x), 4, 1, HEIGHT - 8);
      }
    };
    draw();
    return onPalette(draw);
  }, [density, view, canvas]);
  return density.most;
};

/** Drag on the brush moves it, at its edges widens it, beside it moves the playhead. */
const useBrush = (view: View, ask: (at: number) => void) => {
  const drag = useRef<"from" | "to" | "move" | "head" | null>(null);
  const at = (event: PointerEvent<HTMLElement>): number =>
    Math.max(0, wholeScale(view).at(event.clientX - event.currentTarget.getBoundingClientRect().left));
  const move = (event: PointerEvent<HTMLElement>): void => {
    const { from, to } = view.span();
    const to1 = at(event);
    if (drag.current === "from") view.show({ from: Math.min(to1, to - 10), to });
    else if (drag.current === "to") view.show({ from, to: Math.max(to1, from + 10) });
    else if (drag.current === "move") view.pan((event.movementX * (view.whole.to - view.whole.from)) / (to - from));
    else if (drag.current === "head") ask(to1);
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      // A mark is no place of the brush.
      if ((event.target as HTMLElement).closest("button")) return;
      const scale = wholeScale(view);
      const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
      const { from, to } = view.span();
      const near = (ms: number): boolean => Math.abs(scale.x(ms) - x) < REACH_PX;
      const onHead = (event.target as HTMLElement).closest("[data-playhead]") !== null;
      const zoomed = to - from < view.whole.to - view.whole.from;
      const inside = zoomed && x > scale.x(from) && x < scale.x(to);
      drag.current = onHead ? "head" : near(from) ? "from" : near(to) ? "to" : inside ? "move" : "head";
      event.currentTarget.setPointerCapture(event.pointerId);
      if (drag.current === "head" && !onHead) move(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => void (drag.current && move(event)),
    onPointerUp: (): void => void (drag.current = null),
  };
};
