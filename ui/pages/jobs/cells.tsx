import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { JobSummary, JobTrigger } from "../../../client";
import { jobsQuery } from "../../data/queries";
import { useMissingRole } from "../../data/me";
import { Button } from "../../parts/buttons";
import { clock, count, counted, duration, guess, percent } from "../../parts/format";
import { JobLink } from "../../parts/ids";
import { Icon } from "../../parts/icon";
import { runHasEnded, StatusIcon, toneOf, wordOf } from "../../parts/status";
import { Moment, useNow } from "../../parts/time";
import { iconOf, isFailing, isPaused, type Sort, teamOf } from "./rows";

interface Column {
  name: string;
  title: string;
  right?: boolean;
  sort?: Sort;
  cell(job: JobSummary): ReactNode;
}

export const COLUMNS: readonly Column[] = [
  { name: "job", title: "Job", sort: "job", cell: (job) => <Name job={job} /> },
  { name: "team", title: "Team", cell: (job) => <span className="t2">{teamOf(job)}</span> },
  { name: "bars", title: "Last 30 runs", cell: (job) => <LastRuns job={job} /> },
  { name: "success", title: "Success", right: true, sort: "success", cell: (job) => <Success job={job} /> },
  { name: "p50", title: "p50", right: true, sort: "p50", cell: ({ figures }) => <Took ms={figures.p50_ms} /> },
  {
    name: "p95",
    title: "p95",
    right: true,
    sort: "p95",
    cell: ({ figures }) => (
      <span className="t2">
        <Took ms={figures.p95_ms} />
      </span>
    ),
  },
  {
    name: "runs",
    title: "Runs 24 h",
    right: true,
    sort: "runs",
    cell: ({ runs_24h }) => <span className="num t2">{count(runs_24h)}</span>,
  },
  { name: "last", title: "Last run", sort: "last", cell: (job) => <LastRun job={job} /> },
  { name: "next", title: "Next tick", sort: "next", cell: (job) => <NextTick job={job} /> },
  { name: "by", title: "Launched by", cell: (job) => <LaunchedBy job={job} /> },
  { name: "launch", title: "Launch", cell: (job) => <Launch name={job.name} /> },
];

const Name = ({ job }: { job: JobSummary }): ReactNode => {
  const status = iconOf(job);
  return (
    <span className="row jobname">
      <StatusIcon
        status={status}
        label={status === "PENDING" ? "never ran" : isFailing(job) ? "fails" : wordOf(status)}
      />
      <JobLink name={job.name} className="ell" />
    </span>
  );
};

const SHOWN = 30;
/** Of what has no duration yet. */
const QUEUED_SHARE = 26;
const LEAST_SHARE = 16;

/** A bar each, its height against the longest. */
export const LastRuns = ({ job: { last_runs: runs, last_run: last } }: { job: JobSummary }): ReactNode => {
  const { dataUpdatedAt: now = 0 } = useQuery({ ...jobsQuery, enabled: false });
  const ms = runs.duration_ms.map((took, at) =>
    took === null && last?.started_at && runs.id[at] === last.id ? now - Date.parse(last.started_at) : took,
  );
  const most = Math.max(...ms.map((took) => took ?? 0), 1);
  const failed = runs.status.filter((status) => status === "FAILURE").length;
  if (runs.id.length === 0) return <span className="dim small">never ran</span>;
  return (
    <span
      className="lastruns"
      role="img"
      aria-label={`Last ${counted(runs.id.length, "run")}, ${failed === 0 ? "none" : failed} failed`}
    >
      {runs.id.slice(-SHOWN).map((id, i) => {
        const at = i + Math.max(0, runs.id.length - SHOWN);
        const took = ms[at]!;
        const share = took === null ? QUEUED_SHARE : Math.max(LEAST_SHARE, Math.round((100 * took) / most));
        return <i key={id} data-run={id} className={`f-${toneOf(runs.status[at]!)}`} style={{ height: `${share}%` }} />;
      })}
    </span>
  );
};

export const Success = ({ job }: { job: JobSummary }): ReactNode => {
  const { succeeded, failed } = job.figures;
  const tone = isFailing(job) ? "t-failure" : failed > 0 ? "" : "t2";
  return (
    <span className={`num ${tone}`} title={`${count(succeeded)} of the last ${count(succeeded + failed)}`}>
      {percent(succeeded, succeeded + failed)}
    </span>
  );
};

const Took = ({ ms }: { ms: number | null }): ReactNode =>
  ms === null ? <span className="dim">—</span> : <span className="num">{duration(ms)}</span>;

/** When it ended, or how long it runs or waits. */
export const LastRun = ({ job: { last_run: run } }: { job: JobSummary }): ReactNode => {
  if (!run) return <span className="dim">never</span>;
  if (runHasEnded(run.status))
    return (
      <span className="t2">
        <Moment at={run.ended_at!} />
      </span>
    );
  return (
    <Link href={`/runs/${run.id}`} className={`num t-${toneOf(run.status)}`}>
      {wordOf(run.status)}, <Since at={run.started_at ?? run.created_at} />
    </Link>
  );
};

const Since = ({ at }: { at: string }): ReactNode => <>{clock(useNow() - Date.parse(at))}</>;

const NextTick = ({ job }: { job: JobSummary }): ReactNode => {
  const now = useNow();
  if (job.next_tick_at === null) return <span className="dim">{isPaused(job) ? "off" : "—"}</span>;
  const left = Date.parse(job.next_tick_at) - now;
  const fails = job.triggers.some(({ launches, failing_since }) => launches && failing_since !== null);
  return (
    <span className={`num ${fails ? "t-failure" : "t2"}`}>
      {left < 1_000 ? "ticking" : `in ${guess(left).slice(2)}`}
    </span>
  );
};

const LaunchedBy = ({ job: { triggers, schedules } }: { job: JobSummary }): ReactNode => (
  <span className="launchers">
    {triggers
      .filter(({ launches }) => launches)
      .map((trigger) => (
        <Launcher key={trigger.name} trigger={trigger} />
      ))}
    {schedules.map((name) => (
      <Link key={name} href={`/schedules?sel=${encodeURIComponent(name)}`} className="launcher" title={name}>
        <Icon name="schedules" size={12} />
        <span className="ell">{name}</span>
      </Link>
    ))}
  </span>
);

const Launcher = ({ trigger: { name, status, failing_since } }: { trigger: JobTrigger }): ReactNode => {
  const off = status === "STOPPED";
  const bad = failing_since !== null && !off;
  const said = bad ? `${name}, fails` : off ? `${name}, off` : name;
  return (
    <Link
      href={`/sensors?sel=${encodeURIComponent(name)}`}
      className={`launcher ${bad ? "bad" : off ? "off" : ""}`}
      title={said}
      aria-label={said}
    >
      {bad ? <StatusIcon status="FAILURE" size={12} /> : <Icon name="sensors" size={12} />}
      <span className="ell">{name}</span>
    </Link>
  );
};

const Launch = ({ name }: { name: string }): ReactNode => {
  const [, navigate] = useLocation();
  return (
    <Button
      icon="play"
      kind="ghost"
      small
      aria-label={`Launch ${name}`}
      not={useMissingRole("launcher")}
      onClick={() => navigate(`/jobs/${encodeURIComponent(name)}/launch`)}
    />
  );
};

/** A job in two lines. */
export const PhoneRow = ({ job }: { job: JobSummary }): ReactNode => (
  <span role="cell" className="phonecell">
    <span className="row">
      <Name job={job} />
      <span className="grow" />
      <Success job={job} />
    </span>
    <span className="row second">
      <LastRuns job={job} />
      <span className="grow" />
      <span className="nw small">
        <LastRun job={job} />
      </span>
    </span>
  </span>
);
