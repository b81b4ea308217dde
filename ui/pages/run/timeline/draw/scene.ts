import { counted } from "../../../../parts/format";
import type { Durations, Reason } from "../../steps/figures";
import type { Moment } from "../../steps/past-state";
import { CODE, type Steps } from "../../steps/steps";
import { shortKey } from "../../../../parts/key-parts";
import { KIND_OF_STATUS, layForecast, layLater, layStep } from "./bars";
import { densityOf, layDensity, layLaterDensity } from "./density";
import type { Lane, Stay, WorkerLanes } from "./lanes";
import type { Outside } from "./outside";
import { KIND, type Label, Rects } from "./rects";
import type { Rows } from "./rows";
import type { Scale } from "./scale";
import type { Forecast } from "../../steps/forecast";
import type { Usage } from "../../steps/usage";
import { type Words, wordsOf } from "./words";

export interface ShownWorker extends WorkerLanes {
  /** The one thing worth knowing of it; null: there is none. */
  remark: Words | null;
  /** That it has; of one that is not known now, those that the run used. */
  slots: number;
}

/** All that a chart shows, wherever one looks. */
export interface ChartData {
  steps: Steps;
  moment: Moment;
  rows: Rows;
  /** Why steps of a large group stand on rows of their own. */
  reasons: ReadonlyMap<number, Reason>;
  /** By node. */
  durations(node: number): Durations | null;
  /** Of `worker` and `lane` rows. */
  workers: readonly ShownWorker[];
  /** For large groups: which of their steps fit the filter. */
  shown(node: number): readonly number[];
  /** The slots that those used. */
  usage(node: number): Usage;
  /** The slots that all of its steps have used by now, whatever moment is shown. */
  usageToday(node: number): Usage;
  /** The slots that all steps used, whatever the filter; at a moment of the past what came later, too. */
  usages(): readonly Usage[];
  /** Of `outside` rows: what lies outside the view. */
  outside: Outside | null;
  /** Null: nothing is to come. */
  forecast: Forecast | null;
  /** What a node without steps waits for. */
  waitsFor(node: number): Words;
}

interface Window {
  top: number;
  height: number;
  /** Of a step that is chosen each try is drawn, however short. */
  marks: { selected: number | null };
}

/** What is drawn of it now; kept from frame to frame. */
export class Scene {
  readonly rects = new Rects();
  labels: Label[] = [];

  /** Lays out what is between two heights. */
  lay(data: ChartData, scale: Scale, { top, height, marks }: Window): void {
    this.rects.clear();
    this.labels = [];
    const { rows } = data;
    for (let row = Math.max(0, rows.at(top)); row < rows.count && rows.top(row) < top + height; row++) {
      const drawn = rows.drawn(row);
      const [y, high] = [drawn.top - top, drawn.height];
      const ref = rows.ref(row);
      switch (rows.kind(row)) {
        case "step":
          this.layStepRow(data, scale, ref, y + high / 2);
          break;
        case "node":
          this.layNode(data, scale, ref, y + high / 2);
          break;
        case "group":
          this.layStrip(data, scale, ref, [y + high - 5, high - 12]);
          break;
        case "worker":
          this.layWorker(data, scale, ref, [y, high]);
          break;
        case "lane":
          this.layLane(data, scale, laneOf(data, ref)?.stays ?? [], {
            y: y + high / 2,
            chosen: marks.selected,
          });
          break;
        default:
      }
    }
  }

  private layStepRow(data: ChartData, scale: Scale, step: number, y: number): void {
    const { steps, moment, reasons } = data;
    const first = this.rects.count;
    const place = { rects: this.rects, scale, y };
    let end = layStep(place, steps, step, moment);
    if (data.forecast && moment.status[step] === CODE.STARTED)
      end = Math.max(end, layForecast(place, moment.at, steps.started[step]! + steps.usual[steps.node[step]!]!) || end);
    if (!moment.live) end = layLater(place, steps, step, moment.at) || end;
    const words = wordsOf(steps, step, {
      moment,
      reason: reasons.get(step),
      durations: data.durations(steps.node[step]!),
    });
    if (!words || words.text === "" || !(end >= 0)) return;
    this.labels.push({ ...words, x: end, y, left: first < this.rects.count ? this.rects.x[first]! : end });
  }

  private layNode({ moment, waitsFor, forecast }: ChartData, scale: Scale, node: number, y: number): void {
    const words = waitsFor(node);
    const from = Math.max(moment.at, forecast?.starts[node] || 0);
    const end = forecast ? layForecast({ rects: this.rects, scale, y }, from, forecast.ends[node]!) : NaN;
    const x = scale.x(moment.at);
    if (words.text === "" || !moment.live) return;
    this.labels.push({ ...words, x: Number.isNaN(end) ? x : end, y, left: Number.isNaN(end) ? x : scale.x(from) });
  }

  private layStrip(data: ChartData, scale: Scale, node: number, [bottom, high]: [number, number]): void {
    const density = densityOf([data.usage(node)], scale, data.moment.at);
    layDensity(this.rects, density, bottom, high);
    if (!data.moment.live)
      layLaterDensity(this.rects, densityOf([data.usageToday(node)], scale, data.steps.lastEnd), {
        ...{ bottom, high, most: density.most, from: scale.x(data.moment.at) },
      });
    const slots = Math.round(density.most);
    if (slots > 1)
      this.labels.push({
        text: counted(slots, "slot"),
        ink: "text3",
        x: scale.width,
        y: bottom - high + 6,
        left: scale.width + 6,
      });
  }

  private layWorker(data: ChartData, scale: Scale, place: number, [y, high]: [number, number]): void {
    const worker = data.workers[place]!;
    layDensity(this.rects, densityOf([worker.usage], scale, data.moment.at), y + high - 3, high - 7);
    const now = Math.min(scale.x(data.moment.at), scale.width);
    if (worker.gone >= 0) {
      const x = Math.max(0, scale.x(worker.gone));
      if (now > x) this.rects.add(KIND.gone, x, y + 4, now - x, high - 8, -1);
    }
    if (worker.remark) this.labels.push({ ...worker.remark, x: now, y: y + high / 2, left: now });
  }

  /** Bars of less than a pixel run together: one column, in the colour of the worst of them. */
  private layLane(
    { steps, moment }: ChartData,
    scale: Scale,
    lane: readonly Stay[],
    { y, chosen }: { y: number; chosen: number | null },
  ): void {
    const { rects } = this;
    let free = 0;
    let column = -1;
    for (const stay of lane) {
      const x = scale.x(stay.from);
      const end = Math.min(scale.x(stay.to), scale.width);
      if (end < 0) {
        free = stay.to;
        continue;
      }
      if (x > scale.width) break;
      this.layIdle(scale, [free, stay.from], y);
      free = Math.max(free, stay.to);
      const kind = kindOf(stay, steps, moment);
      if (end - x < 1 && stay.step !== chosen && column === Math.floor(x / 2)) {
        const last = rects.count - 1;
        if (kind === KIND.failure || kind === KIND.lost) rects.kind[last] = kind;
        continue;
      }
      column = end - x < 1 ? Math.floor(x / 2) : -1;
      rects.add(kind, x, y - 7, Math.max(1.5, end - x - 0.5), 14, stay.step);
      if (end - x > 40)
        this.labels.push({
          text: shortKey(steps.keys[stay.step]!),
          ink: "sheet",
          x: Math.max(0, x),
          y,
          within: end - Math.max(0, x),
        });
    }
    this.layIdle(scale, [free, moment.at], y);
  }

  private layIdle(scale: Scale, [from, to]: [number, number], y: number): void {
    if (to - from < IDLE_MS) return;
    const x = Math.max(0, scale.x(from));
    const wide = Math.min(scale.width, scale.x(to)) - x;
    if (wide < 2) return;
    this.rects.add(KIND.idle, x, y - 7, wide, 14, -1);
    if (to - from >= IDLE_NAMED_MS)
      this.labels.push({ text: `idle ${((to - from) / 1000).toFixed(1)} s`, ink: "text2", x: x + wide / 2 - 34, y });
  }
}

const IDLE_MS = 1_400;
const IDLE_NAMED_MS = 6_000;

/** Rows of lanes count all lanes of all workers. */
export const laneOf = ({ workers }: ChartData, ref: number): Lane | null => {
  let left = ref;
  for (const { lanes } of workers) {
    if (left < lanes.length) return lanes[left]!;
    left -= lanes.length;
  }
  return null;
};

const kindOf = ({ step, outcome, to }: Stay, steps: Steps, { status, at }: Moment): number => {
  if (outcome === "FAILURE") return KIND.failure;
  if (outcome !== null) return KIND.lost;
  return steps.ended[step]! <= at && to <= at ? KIND_OF_STATUS[status[step]!]! : KIND_OF_STATUS[CODE.STARTED]!;
};
