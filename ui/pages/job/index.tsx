import { type ReactNode, useMemo } from "react";
import { Link, useLocation, useParams } from "wouter";
import { ApiError, type Job } from "../../../client";
import { useMissingRole } from "../../data/me";
import { useParam } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { PageTop } from "../../frame/page-top";
import { Button, Segments } from "../../parts/buttons";
import { Chips } from "../../parts/chips";
import { CopyButton } from "../../parts/copy";
import { counted } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { Empty, Loaded } from "../../parts/states";
import { runHasEnded, StatusBadge } from "../../parts/status";
import { RunBars } from "./chart";
import { JobFigures } from "./figures";
import { GraphCard } from "./graph-card";
import type { Height } from "./scale";
import { SchemaCard } from "./schema-card";
import { CodeVersions } from "./code-versions";
import { LaunchedBy } from "./side-cards";
import { type Count, useJob } from "./use-job";
import "./job.css";

const COUNTS: readonly { value: Count; label: string }[] = [
  { value: "50", label: "50" },
  { value: "200", label: "200" },
  { value: "all", label: "All" },
];

const HEIGHTS: readonly { value: Height; label: string }[] = [
  { value: "duration", label: "Duration" },
  { value: "waiting", label: "Waiting" },
  { value: "steps", label: "Steps" },
];

export default function JobPage(): ReactNode {
  const { name = "" } = useParams<{ name: string }>();
  const [n] = useParam("n");
  const query = useJob(name, COUNTS.find(({ value }) => value === n)?.value ?? "50");
  const missing = query.error instanceof ApiError && query.error.status === 404;
  return (
    <>
      <Top name={name} />
      {missing ? (
        <Empty icon="jobs" title={`There is no job ${name}`} command="npx dqueue jobs list">
          It was never published, or its code no longer has it. Its runs, if there are any, are still among the runs.
        </Empty>
      ) : (
        <Loaded query={query} failed={`${name} could not be loaded`} skeleton={<Skeleton />}>
          {(job) => <Content job={job} />}
        </Loaded>
      )}
    </>
  );
}

const Top = ({ name }: { name: string }): ReactNode => {
  const [, navigate] = useLocation();
  const not = useMissingRole("launcher");
  const launchpad = `/jobs/${encodeURIComponent(name)}/launch`;
  useKeys(
    useMemo<KeyGroup>(
      () => ({ title: "Job", bindings: [{ keys: "L", label: "Launch a run of it", act: () => navigate(launchpad) }] }),
      [navigate, launchpad],
    ),
  );
  const heading = (
    <nav aria-label="Breadcrumb" className="crumbs">
      <Link href="/jobs">Jobs</Link>
      <Icon name="chevronRight" size={12} />
      <b className="mono ell job-crumb" aria-current="page">
        {name}
      </b>
      <CopyButton text={name} what="job name" />
    </nav>
  );
  const runs = `/runs?q=${encodeURIComponent(`job:${/[\s,"]/.test(name) ? `"${name}"` : name}`)}`;
  const actions = (
    <>
      <Button icon="runs" kind="ghost" onClick={() => navigate(runs)}>
        Runs
      </Button>
      <Button icon="play" kind="primary" keys="L" not={not} onClick={() => navigate(launchpad)}>
        Launch run
      </Button>
    </>
  );
  return <PageTop title={name} heading={heading} actions={actions} onPhones="below" />;
};

const Content = ({ job }: { job: Job }): ReactNode => (
  <div className="page jobpage">
    <Head job={job} />
    <LastRunsCard job={job} />
    <div className="job-pair">
      <SchemaCard job={job} />
      <div className="col">
        <GraphCard job={job} />
        <LaunchedBy job={job} />
        <CodeVersions job={job} />
      </div>
    </div>
  </div>
);

const Head = ({ job }: { job: Job }): ReactNode => {
  const { name, last_run: run, description, tags } = job;
  return (
    <div className="job-head">
      <h1 className="ell">{name}</h1>
      {run && (
        <Link href={`/runs/${run.id}`} title={runHasEnded(run.status) ? "The last run" : "The run that goes on"}>
          <StatusBadge status={run.status} />
        </Link>
      )}
      {description && (
        <span className="t2 ell about" title={description}>
          {description}
        </span>
      )}
      <span className="grow" />
      <Chips tags={tags} />
    </div>
  );
};

const LastRunsCard = ({ job }: { job: Job }): ReactNode => {
  const [y, setY] = useParam("y");
  const [n, setN] = useParam("n");
  const height = HEIGHTS.find(({ value }) => value === y)?.value ?? "duration";
  const shown = job.last_runs.id.length;
  return (
    <section className="card" aria-label="Last runs">
      <div className="cardh">
        <h2 className="num">{shown > 0 ? `Last ${counted(shown, "run")}` : "Last runs"}</h2>
        <span className="sub ell">
          oldest left; height is{" "}
          {height === "steps"
            ? "the number of steps"
            : height === "waiting"
              ? "the time from creation to start"
              : "duration"}
        </span>
        <span className="grow" />
        <Segments
          label="Height"
          value={height}
          options={HEIGHTS}
          onChange={(next) => setY(next === "duration" ? null : next)}
        />
        <Segments
          label="Runs shown"
          value={COUNTS.find(({ value }) => value === n)?.value ?? "50"}
          options={COUNTS}
          onChange={(next) => setN(next === "50" ? null : next)}
        />
      </div>
      {shown === 0 ? (
        <Empty icon="runs" title="It has not run yet" command={`npx dqueue run ${job.name} --wait`}>
          Launch it from here or from a terminal.
        </Empty>
      ) : (
        <RunBars job={job} height={height} />
      )}
      <JobFigures job={job} />
    </section>
  );
};

/** In the geometry of what is to come. */
const Skeleton = (): ReactNode => (
  <div className="page jobpage" aria-hidden="true">
    <i className="sk" style={{ width: 260, height: 22 }} />
    <div className="card" style={{ height: 320 }} />
    <div className="job-pair">
      <div className="card" style={{ height: 320 }} />
      <div className="card" style={{ height: 320 }} />
    </div>
  </div>
);
