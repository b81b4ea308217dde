import { useMemo } from "react";
import { useParam } from "../../../data/url";
import { type Durations, durationsOf } from "../steps/figures";
import type { Moment } from "../steps/past-state";
import type { Steps } from "../steps/steps";
import { byNotable, lanesOf } from "./draw/lanes";
import type { ChartData } from "./draw/scene";
import { fitsOf, flatRows, isFiltering, type Order, readStepFilter, timedRows } from "./draw/timed-rows";
import { workerRows } from "./draw/worker-rows";
import type { Mode } from "./timeline";

const ORDERS: readonly Order[] = ["key", "start", "duration", "status", "worker"];

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
  return { names, toggle, order: ORDERS.find((one) => one === sort) ?? "key", setOrder: setSort };
};

interface Props {
  steps: Steps;
  version: number;
  moment: Moment;
  mode: Mode;
}

/** Rows and figures of the chart. */
export const useChartData = ({ steps, version, moment, mode }: Props): ChartData => {
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
    const common = { steps, moment, durations: lazily(steps, moment), shown, workers: [], reasons: new Map() };
    if (mode === "worker") {
      const workers = lanesOf(steps, moment).sort(byNotable);
      return { ...common, workers, rows: workerRows(workers, open) };
    }
    if (mode === "flat") return { ...common, rows: flatRows(steps, moment, options) };
    return { ...common, ...timedRows(steps, moment, options) };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [steps, version, moment.live, pivot, mode, f, open, order]);
};

const lazily = (steps: Steps, moment: Moment): ((node: number) => Durations | null) => {
  const known = new Map<number, Durations | null>();
  return (node) => {
    let found = known.get(node);
    if (found === undefined) known.set(node, (found = durationsOf(steps, steps.members[node]!, moment)));
    return found;
  };
};
