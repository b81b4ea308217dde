import { CODE, type Steps } from "../../steps/steps";
import { type Moment, tryAt } from "../../steps/past-state";
import { KIND, type Rects } from "./rects";
import type { Scale } from "./scale";

/** Kinds of bars by code of status. */
export const KIND_OF_STATUS: readonly number[] = [
  KIND.forecast,
  KIND.queued,
  KIND.started,
  KIND.failure,
  KIND.success,
  KIND.failure,
  KIND.canceled,
  KIND.canceled,
];

const BAR = 14;
const LEAST = 3;

/** A row's place and the drawing it goes into. */
export interface Place {
  rects: Rects;
  scale: Scale;
  /** Middle of the row. */
  y: number;
}

/**
 * A step on its row: held back dotted, waiting in the queue a thin line, running a bar, a planned retry dots, each try
 * for itself.
 * @returns where the drawing ends, in pixels; NaN: there is none.
 */
export const layStep = (place: Place, steps: Steps, step: number, moment: Moment): number => {
  const { at } = moment;
  const status = moment.status[step]!;
  let from = steps.ready[step]!;
  let end = NaN;
  for (const past of steps.past.get(step) ?? []) {
    if (!(past.ended <= at)) break;
    if (past.queued > from) line(place, KIND.held, from, past.queued, step);
    line(place, KIND.wait, past.queued, past.started, step);
    bar(place, past.outcome === "FAILURE" ? KIND.failure : KIND.lost, past.started, past.ended, step);
    from = past.ended;
    end = place.scale.x(past.ended);
  }
  if (status === CODE.UP_FOR_RETRY) {
    const to = steps.retry[step]! > from ? steps.retry[step]! : at;
    line(place, KIND.planned, from, to, step);
    return place.scale.x(Math.max(to, from));
  }
  const { queued, started } = tryAt(steps, step, at);
  if (queued > from && queued <= at) line(place, KIND.held, from, queued, step);
  if (status === CODE.QUEUED) {
    line(place, queued <= at ? KIND.wait : KIND.held, queued <= at ? queued : from, at, step);
    return place.scale.x(at);
  }
  // What never ran has nothing but its words, where that was decided.
  if (!(started <= at)) return steps.ended[step]! <= at ? place.scale.x(steps.ended[step]!) : end;
  line(place, KIND.wait, queued, started, step);
  const ended = steps.ended[step]! <= at ? steps.ended[step]! : at;
  bar(place, KIND_OF_STATUS[status]!, started, ended, step);
  return place.scale.x(ended);
};

/** What ran after a moment of the past, outlined. @returns where the drawing ends, in pixels; NaN: there is none. */
export const layLater = (place: Place, steps: Steps, step: number, at: number): number => {
  const tries = [
    ...(steps.past.get(step) ?? []),
    // Of one that goes on until today the chart shows no end.
    { started: steps.started[step]!, ended: steps.ended[step]! || place.scale.view.to },
  ];
  let end = NaN;
  for (const { started, ended } of tries)
    if (ended > at && started >= 0) end = layForecast(place, Math.max(at, started), ended) || end;
  return end;
};

/** What is expected to run. @returns where the drawing ends, in pixels; NaN: there is none. */
export const layForecast = ({ rects, scale, y }: Place, from: number, to: number): number => {
  const x = scale.x(from);
  const wide = scale.x(to) - x;
  if (!(wide >= LEAST) || x > scale.width || x + wide < 0) return NaN;
  rects.add(KIND.forecast, x, y - BAR / 2, wide, BAR, -1);
  return x + wide;
};

const line = ({ rects, scale, y }: Place, kind: number, from: number, to: number, step: number): void => {
  if (!(to > from)) return;
  const x = scale.x(from);
  const wide = scale.x(to) - x;
  if (x > scale.width || x + wide < 0 || wide < 0.5) return;
  rects.add(kind, x, y - 1, wide, 2, step);
};

const bar = ({ rects, scale, y }: Place, kind: number, from: number, to: number, step: number): void => {
  const x = scale.x(from);
  const wide = Math.max(LEAST, scale.x(to) - x);
  if (!(x <= scale.width) || x + wide < 0) return;
  const high = kind === KIND.canceled ? (BAR * 2) / 3 : BAR;
  rects.add(kind, x, y - high / 2, wide, high, step);
};
