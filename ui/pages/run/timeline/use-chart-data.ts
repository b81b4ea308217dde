import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Run, Worker } from "../../../../client";
import { workersQuery } from "../../../data/queries";
import { useParam } from "../../../data/url";
import { useNarrow } from "../../../parts/narrow";
import { runHasEnded } from "../../../parts/status";
import type { Forecast } from "../steps/forecast";
import { durationsOf } from "../steps/figures";
import { type Moment, nowOf } from "../steps/past-state";
import type { Steps } from "../steps/steps";
import { type Usage, usageOf } from "../steps/usage";
import { lanesOf } from "./draw/lanes";
import { foldOutside } from "./draw/outside";
import { byNotable, remarkOf } from "./draw/remarks";
import type { ChartData } from "./draw/scene";
import { isFiltering, readStepFilter } from "../steps/step-filter";
import { fitsOf, flatRows, ORDERS, timedRows } from "./draw/timed-rows";
import { waitWords } from "./draw/words";
import { workerRows } from "./draw/worker-rows";
import { readSpan } from "./span";
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
  /** What is to come; null: nothing is. */
  forecast: Forecast | null;
  run: Run;
}

/** Rows and figures of the chart. */
export const useChartData = ({ steps, version, moment, mode, forecast, run }: Props): ChartData => {
  const [f] = useParam("f");
  const { names: open, order } = useOpenGroups();
  // What changes with each second is drawn, not laid out anew.
  const pivot = moment.live ? null : moment.at;
  const codeVersion = run.code_version;
  const stacked = useNarrow();
  const present = usePresent(mode === "worker" && moment.live && !runHasEnded(run.status));
  const usageToday = useMemo(
    () => once((node) => usageOf(steps, steps.members[node]!, nowOf(steps, steps.lastEnd))),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [steps, version],
  );
  const data = useMemo(() => {
    const filter = readStepFilter(f);
    const options = { filter, open, order, stacked };
    const fits = fitsOf(steps, moment, filter);
    const shown = (node: number): readonly number[] =>
      isFiltering(filter) ? steps.members[node]!.filter(fits) : steps.members[node]!;
    const figures = figuresOf(steps, moment, shown, usageToday);
    const common = {
      steps,
      moment,
      shown,
      forecast: moment.live ? forecast : null,
      workers: [],
      reasons: new Map(),
      outside: null,
      usageToday,
      ...figures,
    };
    if (mode === "worker") {
      const known = { steps, moment, durations: figures.durations, present, codeVersion };
      const workers = lanesOf(steps, moment)
        .map((worker) => ({
          ...worker,
          remark: remarkOf(worker, known),
          slots: present?.get(worker.worker)?.slots ?? worker.lanes.length,
        }))
        .sort(byNotable);
      return { ...common, workers, rows: workerRows(workers, options) };
    }
    if (mode === "flat") return { ...common, rows: flatRows(steps, moment, options) };
    return { ...common, ...timedRows(steps, moment, options) };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [steps, version, moment.live, pivot, mode, f, open, order, stacked, forecast, present, codeVersion]);
  return useFolded(data, mode);
};

/** The same with one row for all that lies before the view, and one for all behind it. */
const useFolded = (data: ChartData, mode: Mode): ChartData => {
  const [z] = useParam("z");
  const { open } = useOutside();
  return useMemo(() => {
    const brush = readSpan(z);
    if (!brush || (mode !== "timed" && mode !== "flat")) return data;
    const unit = mode === "flat" ? "step" : "op";
    return { ...data, ...foldOutside(data.rows, { ...data, brush, unit, open }) };
  }, [data, mode, z, open]);
};

/** Whether what lies outside the view has its rows, as the address says. */
export const useOutside = () => {
  const [outside, setOutside] = useParam("outside");
  return { open: outside === "1", toggle: () => setOutside(outside === "1" ? null : "1") };
};

/** The workers that there are, by id. @param on whether they are of any matter; null: they are not, or not known. */
const usePresent = (on: boolean): ReadonlyMap<string, Worker> | null => {
  const { data } = useQuery({ ...workersQuery, enabled: on });
  return useMemo(() => (on && data ? new Map(data.map((worker) => [worker.id, worker])) : null), [on, data]);
};

/** What is made of many steps is made when it is first drawn, and once. */
const figuresOf = (
  steps: Steps,
  moment: Moment,
  shown: (node: number) => readonly number[],
  usageToday: (node: number) => Usage,
): Pick<ChartData, "durations" | "usage" | "usages" | "waitsFor"> => {
  const members = (node: number): readonly number[] => steps.members[node]!;
  const wholeUsage = once((node) => usageOf(steps, members(node), moment));
  return {
    durations: once((node) => durationsOf(steps, members(node), moment)),
    usage: once((node) => (shown(node) === members(node) ? wholeUsage(node) : usageOf(steps, shown(node), moment))),
    usages: () => steps.nodes.map((_, node) => (moment.live ? wholeUsage : usageToday)(node)),
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
