import { type PointerEvent, type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import { useAskedMoment } from "../steps/use-moment";
import { densityOf, heightAt, COLUMN } from "./draw/density";
import { onPalette, palette } from "./draw/palette";
import { prepared } from "./draw/paint";
import { offsetText, Scale } from "./draw/scale";
import type { ChartData } from "./draw/scene";
import type { View } from "./view";

const HEIGHT = 34;
const REACH_PX = 8;

/** Slots in use over the whole run, what part of it is in view, and the moment that is shown. */
export const Minimap = ({ data, view, live }: { data: ChartData; view: View; live: boolean }): ReactNode => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const brush = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [asked, ask] = useAskedMoment();
  const most = useSlots({ data, view, canvas });
  const place = useCallback(() => {
    const scale = wholeScale(view);
    const { from, to } = view.span();
    const [x0, x1] = [Math.max(0, scale.x(from)), Math.min(view.width, scale.x(to))];
    Object.assign(brush.current!.style, { left: `${x0}px`, width: `${Math.max(6, x1 - x0)}px` });
    head.current!.style.left = `${Math.min(view.width, scale.x(data.moment.at))}px`;
  }, [view, data.moment.at]);
  useEffect(() => {
    place();
    return view.watch(place);
  }, [view, place]);
  const drag = useBrush(view, (at) => ask(at));
  return (
    <div className="grow0 gmini">
      <div className="gn dim">
        Slots in use<span className="gd num">{Math.round(most)}</span>
      </div>
      <div className="gminic" {...drag}>
        <canvas ref={canvas} aria-hidden="true" />
        {data.steps.takeovers.map(({ at, owner }) => (
          <i
            key={at}
            className="gtake"
            role="img"
            aria-label={`Taken over by ${owner} at ${offsetText(at, 1)}`}
            title={`Taken over by ${owner} at ${offsetText(at, 1)}`}
            style={{ left: wholeScale(view).x(at) }}
          />
        ))}
        <div ref={brush} className="gbrush" />
        <div ref={head} className={`gplay ${asked === null ? "" : "past"}`} data-playhead="">
          <b className="num">{asked === null ? (live ? "LIVE" : "") : offsetText(asked, 1)}</b>
        </div>
      </div>
    </div>
  );
};

const wholeScale = (view: View): Scale => new Scale(view.whole, view.width, view.folds);

const useSlots = ({
  data,
  view,
  canvas,
}: {
  data: ChartData;
  view: View;
  canvas: { current: HTMLCanvasElement | null };
}): number => {
  const density = useMemo(
    () => densityOf(data.usages(), wholeScale(view), data.moment.at),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [data, view, view.whole.to, view.width, view.folds],
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
