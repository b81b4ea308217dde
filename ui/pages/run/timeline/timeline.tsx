import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { Run } from "../../../../client";
import { useParam, writeParams } from "../../../data/url";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { ComingPanel } from "../panel/coming-panel";
import { useForecast } from "../steps/run-steps";
import { useMoment } from "../steps/use-moment";
import type { Steps } from "../steps/steps";
import { Gantt } from "./gantt";
import { GoTo } from "./go-to";
import { LatestEvents } from "./latest-events";
import { Toolbar } from "./toolbar";
import { useChartData, useOpenGroups } from "./use-chart-data";
import type { Goal } from "./use-goal";
import { useRunView } from "./use-run-view";
import type { View } from "./view";
import { late } from "../../../parts/late";

const StepPanel = late(() => import("../panel"));
const Waterfall = late(() => import("./waterfall"));
const TableTwin = late(() => import("./table-twin"));

export type Mode = "timed" | "flat" | "waterfall" | "worker";
const MODES: readonly Mode[] = ["timed", "flat", "waterfall", "worker"];

export interface Shown {
  run: Run;
  steps: Steps;
  version: number;
}

export const Timeline = ({ run, steps, version }: Shown): ReactNode => {
  const [asked, setMode] = useParam("mode");
  const mode = MODES.find((one) => one === asked) ?? "timed";
  const [table, setTable] = useParam("table");
  const [selected, select] = useParam("step");
  const moment = useMoment(steps, version, run);
  const data = useChartData({ steps, version, moment, mode, forecast: useForecast(run), run });
  const view = useRunView({ steps, version, run, moment, forecast: data.forecast });
  const close = useCallback(() => select(null), [select]);
  useKeys(useMemo(() => twinKeys(() => setTable(table === "" ? "1" : null)), [setTable, table]));
  const { goal, goTo } = useGoTo(steps, view);
  const toggle = useCallback((key: string) => select(key, { push: true }), [select]);
  return (
    <div className="rmain">
      <div className="rleft">
        <Toolbar
          mode={mode}
          setMode={(next) => setMode(next === "timed" ? null : next, { push: true })}
          table={table !== ""}
          setTable={(on) => setTable(on ? "1" : null)}
          view={view}
          goTo={<GoTo steps={steps} selected={selected} go={goTo} />}
        />
        {table !== "" ? (
          <TableTwin data={data} select={toggle} selected={selected} />
        ) : mode === "waterfall" ? (
          <Waterfall steps={steps} moment={moment} selected={selected} select={toggle} />
        ) : (
          <Gantt key={mode} {...{ run, steps, version, moment, data, view, mode, selected, goal }} select={toggle} />
        )}
        {table === "" && (mode === "timed" || mode === "flat") && <LatestEvents {...{ run, steps, moment, view }} />}
      </div>
      {selected !== "" && (
        <StepPanel
          run={run}
          steps={steps}
          moment={moment}
          stepKey={selected}
          rows={data.rows}
          select={toggle}
          close={close}
          coming={<ComingPanel />}
        />
      )}
    </div>
  );
};

/** Opens a step, and its group, takes away what hides it, and moves the view there. */
const useGoTo = (steps: Steps, view: View) => {
  const [goal, setGoal] = useState<Goal | null>(null);
  const { names } = useOpenGroups();
  const goTo = (step: number): void => {
    setGoal({ step });
    view.reveal(steps.started[step]! || steps.queued[step]! || steps.ready[step]!);
    const { name, scope } = steps.nodes[steps.node[step]!]!;
    const open = scope.length > 0 ? new Set([...names, name]) : names;
    writeParams({ step: steps.keys[step]!, f: null, open: [...open].join(",") }, { push: true });
  };
  return { goal, goTo };
};

const twinKeys = (toggle: () => void): KeyGroup => ({
  title: "Timeline",
  bindings: [{ keys: "m", label: "Table in the place of the drawing", act: toggle }],
});
