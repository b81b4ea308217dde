import { useRunsGathered } from "../../data/gather";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { Overview, OverviewRange } from "../../../client";
import { api } from "../../data/client";
import { useParam, writeParams } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { LaunchButton, PageTop } from "../../frame/page-top";
import { Button, Segments } from "../../parts/buttons";
import { Menu } from "../../parts/menu";
import { Empty, Loaded } from "../../parts/states";
import { Counts, RANGE_WORDS } from "./counts";
import { JobRows } from "./job-rows";
import { Backlog, FailingNow, NextTicks, PlatformCard } from "./panels";
import { useSpan } from "./span";
import { StepsChart } from "./steps-chart";
import { Verdict } from "./verdict";
import "./overview.css";

const RANGES: readonly OverviewRange[] = ["1h", "6h", "24h", "7d"];
/** Of what no stream brings: queues, ticks, latencies. */
const LOOK_MS = 5_000;
/** Runs that change are drawn within. */
const GATHER_MS = 1_500;

const overviewQuery = (range: OverviewRange) =>
  queryOptions({
    queryKey: ["overview", range],
    queryFn: () => api.overview(range),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  });

/** The overview of a range; runs that change have it asked for again. */
const useOverview = (range: OverviewRange) => {
  const query = useQuery(overviewQuery(range));
  useRunsGathered(GATHER_MS, () => void query.refetch());
  return query;
};

export default function OverviewPage(): ReactNode {
  const [param, setRange] = useParam("range");
  const range = RANGES.find((known) => known === param) ?? "1h";
  const query = useOverview(range);
  const choose = (next: OverviewRange): void => {
    writeParams({ time: null });
    setRange(next === "1h" ? null : next, { push: true });
  };
  const options = RANGES.map((value) => ({ value, label: RANGE_WORDS[value] }));
  const beside = (
    <span className="narrow-only">
      <Menu
        items={options.map(({ value, label }) => ({
          label,
          ...(value === range && { icon: "check" as const }),
          act: () => choose(value),
        }))}
      >
        <Button caret>{RANGE_WORDS[range]}</Button>
      </Menu>
    </span>
  );
  const actions = (
    <>
      <Segments label="Time shown" value={range} options={options} onChange={choose} />
      <LaunchButton />
    </>
  );
  return (
    <>
      <PageTop title="Overview" beside={beside} actions={actions} />
      <Loaded query={query} failed="The overview could not be loaded" skeleton={<Skeleton />}>
        {(overview) => (overview.jobs.total === 0 ? <NoJobs /> : <Panels overview={overview} />)}
      </Loaded>
    </>
  );
}

const NoJobs = (): ReactNode => (
  <div className="page">
    <Empty icon="jobs" title="No jobs yet" command="npx dqueue init">
      Write one in the folder of jobs: it appears here, with its runs, what fails and what waits.
    </Empty>
  </div>
);

const Panels = ({ overview }: { overview: Overview }): ReactNode => {
  const { span, setSpan } = useSpan(overview);
  useKeys(useMemo(() => spanKeys(), []));
  return (
    <div className="page ov">
      <Verdict overview={overview} />
      <Counts overview={overview} span={span} />
      <div className="ov-main">
        <div className="ov-left">
          <JobRows overview={overview} span={span} setSpan={setSpan} />
          <div className="ov-pair">
            <Backlog overview={overview} />
            <StepsChart overview={overview} span={span} />
          </div>
        </div>
        <div className="ov-right">
          <FailingNow overview={overview} span={span} />
          <NextTicks overview={overview} />
          <PlatformCard overview={overview} />
        </div>
      </div>
    </div>
  );
};

const spanKeys = (): KeyGroup => ({
  title: "Overview",
  bindings: [
    {
      keys: "Escape",
      label: "Show all of the time again",
      act: () => {
        if (!new URLSearchParams(location.search).has("time")) return false;
        writeParams({ time: null }, { push: true });
        return true;
      },
    },
  ],
});

/** In the geometry of what is to come. */
const Skeleton = (): ReactNode => (
  <div className="page ov" aria-hidden="true">
    <div className="ov-verdict">
      <i className="sk" style={{ width: 40, height: 40 }} />
      <i className="sk" style={{ width: 320, height: 18 }} />
    </div>
    <div className="ov-counts">
      {Array.from({ length: 6 }, (_, i) => (
        <div key={i} className="ov-count">
          <i className="sk" style={{ width: 64, height: 12, marginBlock: 3 }} />
          <i className="sk" style={{ width: 48, height: 22, marginBlock: 5 }} />
          <i className="sk" style={{ width: 96, height: 10, marginBlock: 4 }} />
        </div>
      ))}
    </div>
    <div className="ov-main">
      <div className="ov-left">
        <div className="card" style={{ height: 400 }} />
      </div>
      <div className="ov-right">
        <div className="card" style={{ height: 180 }} />
        <div className="card" style={{ height: 150 }} />
      </div>
    </div>
  </div>
);
