import { useMemo } from "react";
import { useParam } from "../../../data/url";
import { forecastOf } from "../steps/forecast";
import { durationsOf } from "../steps/figures";
import type { Moment } from "../steps/past-state";
import type { Steps } from "../steps/steps";
import { usageOf } from "../steps/usage";
import { byNotable, lanesOf } from "./draw/lanes";
import type { ChartData } from "./draw/scene";
import { fitsOf, flatRows, isFiltering, ORDERS, readStepFilter, timedRows } from "./draw/timed-rows";
import { waitWords } from "./draw/words";
import { workerRows } from "./draw/worker-rows";
import type { Mode } from "./timeline";

/** Names of what is open, and the order within, as the address has them. */
export const useOpenGroups = () => {
  const [open, setOpen] = useParam("open");
  const [sort, setSort] = useParam("sort");
  const names = useMemo(() => new Set(open.split(",").filter(Boolean)), [open]);
  const toggle = (name: string): void => {
    const next = new Set(names);
    if (!next.delete(name)) next.add(name);
    setOpen([...next].join(",") || null);
  };
  return { names, toggle, order: ORDERS.find((one) => one === sort) ?? ORDERS[0], setOrder: setSort };
};

interface Props {
  steps: Steps;
  version: number;
  moment: Moment;
  mode: Mode;
  /** It is being done: what is to come can be told. */
  running: boolean;
}

/** Rows and figures of the chart. */
export const useChartData = ({ steps, version, moment, mode, running }: Props): ChartData => {
  const [f] = useParam("f");
  const { names: open, order } = useOpenGroups();
  // What changes with each second is drawn, not laid out anew.
  const pivot = moment.live ? null : moment.at;
  return useMemo(() => {
    const filter = readStepFilter(f);
    const options = { filter, open, order };
    const fits = fitsOf(steps, moment, filter);
    const shown = (node: number): readonly number[] =>
      isFiltering(filter) ? steps.members[node]!.filter(fits) : steps.members[node]!;
    const forecast = running && moment.live ? forecastOf(steps, moment) : null;
    const figures = figuresOf(steps, moment, shown);
    const common = { steps, moment, shown, forecast, workers: [], reasons: new Map(), ...figures };
    if (mode === "worker") {
      const workers = lanesOf(steps, moment).sort(byNotable);
      return { ...common, workers, rows: workerRows(workers, open) };
    }
    if (mode === "flat") return { ...common, rows: flatRows(steps, moment, options) };
    return { ...common, ...timedRows(steps, moment, options) };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [steps, version, moment.live, pivot, mode, f, open, order, running]);
};

/** What is made of many steps is made when it is first drawn, and once. */
const figuresOf = (
  steps: Steps,
  moment: Moment,
  shown: (node: number) => readonly number[],
): Pick<ChartData, "durations" | "usage" | "usages" | "waitsFor"> => {
  const members = (node: number): readonly number[] => steps.members[node]!;
  const wholeUsage = once((node) => usageOf(steps, members(node), moment));
  return {
    durations: once((node) => durationsOf(steps, members(node), moment)),
    usage: once((node) => (shown(node) === members(node) ? wholeUsage(node) : usageOf(steps, shown(node), moment))),
    usages: () => steps.nodes.map((_, node) => wholeUsage(node)),
    waitsFor: once((node) => waitWords(steps, node, moment)),
  };
};

const once = <T>(make: (node: number) => T): ((node: number) => T) => {
  const made = new Map<number, T>();
  return (node) => {
    if (!made.has(node)) made.set(node, make(node));
    return made.get(node)!;
  };
};
