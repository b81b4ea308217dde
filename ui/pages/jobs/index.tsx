import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { JobSummary } from "../../../client";
import { useRunsGathered } from "../../data/gather";
import { jobsQuery } from "../../data/queries";
import { useParam } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { LaunchButton, PageTop } from "../../frame/page-top";
import { Button, Segments } from "../../parts/buttons";
import { count, counted, shortCode } from "../../parts/format";
import { SearchBox } from "../../parts/search-box";
import { Empty, Loaded } from "../../parts/states";
import { StatusIcon } from "../../parts/status";
import { Moment } from "../../parts/time";
import { JobList } from "./list";
import { type Grouping, isIn, type Line, linesOf, matches, sorted, type State, STATES } from "./rows";
import "./jobs.css";

/** What changes is asked for again within; ticks pass without a word. */
const GATHER_MS = 3_000;
const LOOK_MS = 15_000;

const useJobs = () => {
  const query = useQuery({ ...jobsQuery, staleTime: GATHER_MS, refetchInterval: LOOK_MS });
  useRunsGathered(GATHER_MS, () => void query.refetch());
  return query;
};

const GROUPINGS: readonly { value: Grouping; label: string }[] = [
  { value: "none", label: "None" },
  { value: "team", label: "Team" },
  { value: "tag", label: "Tag" },
];

export default function JobsPage(): ReactNode {
  const query = useJobs();
  return (
    <>
      <PageTop
        title="Jobs"
        beside={query.data && <Code jobs={query.data} />}
        actions={<LaunchButton />}
        onPhones="below"
      />
      <Loaded query={query} failed="The jobs could not be loaded">
        {(jobs) => (jobs.length === 0 ? <NoJobs /> : <Jobs jobs={jobs} />)}
      </Loaded>
    </>
  );
}

/** Which code is current. */
const Code = ({ jobs }: { jobs: readonly JobSummary[] }): ReactNode => {
  const newest = jobs.reduce<JobSummary | null>((a, b) => (a && a.published_at >= b.published_at ? a : b), null);
  if (!newest) return null;
  return (
    <span className="wide-only">
      <span className="num t2 small ell" title={newest.code_version}>
        code <span className="mono">{shortCode(newest.code_version)}</span> since <Moment at={newest.published_at} />
      </span>
    </span>
  );
};

const NoJobs = (): ReactNode => (
  <Empty icon="jobs" title="No jobs yet" command="npx dqueue init">
    Write one in the folder of jobs: it appears here as soon as it is saved.
  </Empty>
);

const Jobs = ({ jobs }: { jobs: readonly JobSummary[] }): ReactNode => {
  const [q, setQ] = useParam("q");
  const [stateParam, setState] = useParam("state");
  const [groupParam, setGroup] = useParam("group");
  const [sort, setSort] = useParam("sort");
  const state = STATES.find((known) => known.state === stateParam)?.state ?? null;
  const group = GROUPINGS.find(({ value }) => value === groupParam)?.value ?? "none";
  const found = jobs.filter((job) => matches(job, q));
  const { shown, reorder } = useOrder(jobs, { q, state, sort });
  const lines = useMemo<Line[]>(() => linesOf(shown, group), [shown, group]);
  return (
    <>
      <div className="jobbar">
        <Search q={q} setQ={setQ} reorder={reorder} />
        <States jobs={found} state={state} setState={(next) => setState(next, { push: true })} />
        <span className="grow" />
        <span className="wide-only">
          <span className="dim small">Group</span>
          <Segments
            label="Group"
            value={group}
            options={GROUPINGS}
            onChange={(next) => setGroup(next === "none" ? null : next)}
          />
        </span>
      </div>
      {shown.length === 0 ? (
        <NoneFit jobs={jobs} q={q} state={state} clear={(what) => (what === "q" ? setQ(null) : setState(null))} />
      ) : (
        <JobList lines={lines} sort={sort} setSort={(next) => setSort(next || null)} />
      )}
      <footer className="jobfoot num">
        <span>
          {shown.length === jobs.length ? "" : `${count(shown.length)} of `}
          <b>{counted(jobs.length, "job")}</b>
          {sort === "" && ", failing first, then by runs"}
        </span>
        <span className="grow" />
        <span className="wide-only">success, p50, p95: last 50 runs</span>
      </footer>
    </>
  );
};

interface Filter {
  q: string;
  state: State | null;
  sort: string;
}

/** Rows stand still while what they say changes: their order is that of the first look, of a new filter or sort, or of `.` */
const useOrder = (jobs: readonly JobSummary[], { q, state, sort }: Filter) => {
  const [kept, setKept] = useState<{ key: string; names: string[]; known: number }>({ key: "", names: [], known: 0 });
  const key = JSON.stringify([q, state, sort]);
  const fits = jobs.filter((job) => matches(job, q) && (state === null || isIn(job, state)));
  if (kept.key !== key || kept.known !== jobs.length)
    setKept({ key, names: sorted(fits, sort).map(({ name }) => name), known: jobs.length });
  const byName = new Map(jobs.map((job) => [job.name, job]));
  return {
    shown: kept.names.flatMap((name) => byName.get(name) ?? []),
    reorder: () => setKept({ ...kept, key: "" }),
  };
};

const Search = ({ q, setQ, reorder }: { q: string; setQ(q: string): void; reorder(): void }): ReactNode => {
  const latest = useRef(reorder);
  useEffect(() => {
    latest.current = reorder;
  });
  useKeys(
    useMemo<KeyGroup>(
      () => ({
        title: "Jobs",
        bindings: [{ keys: ".", label: "Order them anew", act: () => latest.current() }],
      }),
      [],
    ),
  );
  return (
    <SearchBox
      label="Search jobs"
      group="Jobs"
      placeholder="Name, team, op, sensor, schedule"
      value={q}
      onChange={setQ}
    />
  );
};

const States = ({
  jobs,
  state,
  setState,
}: {
  jobs: readonly JobSummary[];
  state: State | null;
  setState(state: State | null): void;
}): ReactNode => (
  <div className="facets" role="group" aria-label="State">
    <button type="button" aria-pressed={state === null} onClick={() => setState(null)}>
      All <b className="num">{count(jobs.length)}</b>
    </button>
    {STATES.map(({ state: one, title, status }) => (
      <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(state === one ? null : one)}>
        {status && <StatusIcon status={status} size={13} />}
        {title} <b className="num">{count(jobs.filter((job) => isIn(job, one)).length)}</b>
      </button>
    ))}
  </div>
);

interface NoneProps {
  jobs: readonly JobSummary[];
  q: string;
  state: State | null;
  clear(what: "q" | "state"): void;
}

/** Nothing fits; what yields most when it is taken away is named. */
const NoneFit = ({ jobs, q, state, clear }: NoneProps): ReactNode => {
  const without = {
    q: q === "" ? 0 : jobs.filter((job) => state === null || isIn(job, state)).length,
    state: state === null ? 0 : jobs.filter((job) => matches(job, q)).length,
  };
  const best = without.q >= without.state ? "q" : "state";
  return (
    <Empty
      title="No job matches"
      acts={
        <Button icon="close" onClick={() => clear(best)}>
          {best === "q" ? "Clear the search" : "Show all states"}
        </Button>
      }
    >
      {without[best] > 0 && `${count(without[best])} match without ${best === "q" ? `“${q}”` : "that state"}.`}
    </Empty>
  );
};
