import { type KeyboardEvent, useState } from "react";
import { counted, duration } from "../../../parts/format";
import { wordOf } from "../../../parts/status";
import { heldBack } from "../steps/held-back";
import { factsOf } from "../steps/past-state";
import { CODE, STATUSES } from "../steps/steps";
import { useAttemptKeys } from "./attempt-keys";
import type { Chart } from "./chart";
import type { ChartData } from "./draw/scene";
import { outsideWords, SIDES } from "./draw/outside";
import { type Order, ORDERS } from "./draw/timed-rows";
import { useOpenGroups, useOutside } from "./use-chart-data";
import { rowFrom, rowMoves } from "./row-moves";
import { fitStep } from "./use-chart-pointer";

interface Props {
  chart: Chart;
  data: ChartData;
  select(key: string): void;
  scroller: { current: HTMLElement | null };
}

const PAN_PX = 120;

/** The chart by keys: it is one stop; each move is said. `row` −1: the keyboard has not been there. */
export const useChartKeys = ({ chart, data, select, scroller }: Props) => {
  const [row, setRow] = useState(-1);
  const { names, toggle, order, setOrder } = useOpenGroups();
  const outside = useOutside();
  const { rows } = data;
  const attempts = useAttemptKeys(chart, data.steps, data.moment);
  const go = (to: number): void => {
    if (to < 0 || to >= rows.count) return;
    setRow(to);
    attempts.leave();
    const element = scroller.current!;
    if (rows.top(to) < element.scrollTop) element.scrollTo(0, rows.top(to));
    const over = rows.top(to) + rows.height(to) - element.clientHeight;
    if (over > element.scrollTop) element.scrollTo(0, over);
  };
  const fold = (): boolean => {
    const kind = row < 0 ? null : rows.kind(row);
    if (kind === "group" || kind === "more") toggle(data.steps.nodes[rows.ref(row)]!.name);
    else if (kind === "worker") toggle(data.workers[rows.ref(row)]!.worker);
    else if (kind === "outside") outside.toggle();
    else return false;
    return true;
  };
  const open = (): void => {
    if (!fold() && row >= 0 && rows.kind(row) === "step") select(data.steps.keys[rows.ref(row)]!);
  };
  /** Of open groups: all of them have the same. */
  const reorder = (): void => {
    if (names.size > 0) setOrder(ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length]!);
  };
  const side = (by: 1 | -1): void => {
    if (fold() || (row >= 0 && rows.kind(row) === "step" && attempts.move(rows.ref(row), by))) return;
    chart.view.pan(by * PAN_PX);
  };
  const acts: Record<string, () => void> = {
    ...rowMoves(row, rows.count, go),
    ArrowRight: () => side(1),
    ArrowLeft: () => side(-1),
    Enter: open,
    n: () => go(failureFrom(data, row, 1)),
    p: () => go(failureFrom(data, row, -1)),
    o: reorder,
    "+": () => chart.view.zoomIn(),
    "-": () => chart.view.zoomOut(),
    "0": () => chart.view.show(null),
    f: () => row >= 0 && rows.kind(row) === "step" && fitStep(chart, rows.ref(row)),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    event.preventDefault();
    act();
  };
  return {
    row,
    go,
    onKeyDown,
    said: attempts.said ?? (row >= 0 && row < rows.count ? sayRow(data, row, { names, order }) : ""),
  };
};

/** The next row of a failed step in a direction; −1: there is none. */
const failureFrom = ({ rows, moment }: ChartData, from: number, by: 1 | -1): number =>
  rowFrom(from, by, rows.count, (row) => rows.kind(row) === "step" && moment.status[rows.ref(row)] === CODE.FAILURE);

/** A row in words. */
const sayRow = (
  { rows, steps, moment, workers, outside }: ChartData,
  row: number,
  open: { names: ReadonlySet<string>; order: Order },
): string => {
  const ref = rows.ref(row);
  switch (rows.kind(row)) {
    case "step": {
      const status = wordOf(STATUSES[moment.status[ref]!]!);
      const { took, error } = factsOf(steps, ref, moment);
      const parts = [steps.keys[ref]!, status, ...(took >= 0 ? [duration(took)] : []), ...(error ? [error.name] : [])];
      return `${parts.join(", ")}. Row ${row + 1} of ${rows.count}.`;
    }
    case "node":
      return `${steps.nodes[ref]!.name}, pending.`;
    case "group": {
      const { name } = steps.nodes[ref]!;
      const order = open.names.has(name) ? `, by ${open.order}` : "";
      return `${name}, group of ${counted(steps.members[ref]!.length + heldBack(steps, ref), "step")}${order}.`;
    }
    case "worker":
      return `Worker ${workers[ref]!.worker}, ${counted(workers[ref]!.running, "step")} running.`;
    case "outside":
      return `${outsideWords(outside!, SIDES[ref]!)}: Enter shows or folds them.`;
    case "more":
      return `More steps of ${steps.nodes[ref]!.name}: Enter shows all.`;
    default:
      return "";
  }
};
