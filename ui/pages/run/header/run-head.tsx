import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Run } from "../../../../client";
import { jobQuery } from "../../../data/queries";
import { Chips } from "../../../parts/chips";
import { exact, guess, rate } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { runHasEnded, type Status, StatusBadge } from "../../../parts/status";
import { Duration, useNow, useZone } from "../../../parts/time";
import { ComingCounts } from "../coming";
import { useForecast, useRunSteps } from "../steps/run-steps";
import { useAskedMoment, useMoment } from "../steps/use-moment";
import { CODE, type Steps } from "../steps/steps";
import { offsetText } from "../timeline/draw/scale";
import { Counts } from "./counts";
import { PastStrip } from "./past-strip";
import type { Pace } from "./pace";
import { usePace } from "./use-pace";
import { WhyWaiting } from "./waiting";

/** Who it is, how it is, how far it is, at the moment that is shown. */
export const RunHead = ({ run }: { run: Run }): ReactNode => {
  const { steps, version } = useRunSteps();
  const [moment] = useAskedMoment();
  const now = useNow();
  const pace = usePace(steps, run);
  // As the chart does: a moment that has not come is the last one.
  const last = (run.ended_at === null ? now : Date.parse(run.ended_at)) - Date.parse(run.created_at);
  const asked = moment === null ? null : Math.min(moment, last);
  return (
    <>
      {asked !== null && <PastStrip run={run} steps={steps} at={asked} />}
      <header className="rhead">
        <div className="row rhead1">
          <h1 className="ell">{run.job}</h1>
          <StatusBadge status={asked === null ? run.status : statusThen(run, asked)} />
          <b className={`rclock num ${asked === null ? "" : "t-past"}`}>
            {asked === null ? <Duration from={run.started_at} to={run.ended_at} /> : offsetText(asked, 1)}
          </b>
          {asked === null ? (
            steps && <Outlook run={run} steps={steps} pace={pace} />
          ) : (
            <span className="dim nw">
              now <Duration from={run.started_at} to={run.ended_at} />
            </span>
          )}
          <span className="grow" />
          <Meta run={run} />
        </div>
        {steps ? <ShownCounts {...{ run, steps, version, pace }} /> : <ComingCounts />}
      </header>
    </>
  );
};

/** What the run was `at` ms after its creation. */
const statusThen = (run: Run, at: number): Status => {
  const then = Date.parse(run.created_at) + at;
  if (run.ended_at !== null && then >= Date.parse(run.ended_at)) return run.status;
  if (run.cancel_requested_at !== null && then >= Date.parse(run.cancel_requested_at)) return "CANCELING";
  return run.started_at !== null && then >= Date.parse(run.started_at) ? "STARTED" : "QUEUED";
};

const ShownCounts = (props: { run: Run; steps: Steps; version: number; pace: Pace | null }): ReactNode => {
  const moment = useMoment(props.steps, props.version, props.run);
  return <Counts {...props} moment={moment} />;
};

/** What is certain to come, or about when it ends; for ended runs what went wrong, and why. */
const Outlook = ({ run, steps, pace }: { run: Run; steps: Steps; pace: Pace | null }): ReactNode => {
  const perSecond = pace?.perSecond ?? 0;
  const forecast = useForecast(run);
  const now = useNow();
  const { data: job } = useQuery({ ...jobQuery(run.job), enabled: !runHasEnded(run.status) });
  const failed = firstFailed(steps);
  if (runHasEnded(run.status)) {
    if (run.error) return <span className="t-failure ell">{run.error.message}</span>;
    return failed === null || run.status !== "FAILURE" ? null : (
      <span className="t-failure ell" title={steps.errors.get(failed)?.message}>
        {steps.keys[failed]}: {steps.errors.get(failed)?.name}
      </span>
    );
  }
  if (run.status === "QUEUED") return <WhyWaiting run={run} />;
  const p50 = job?.figures.p50_ms ?? null;
  // Steps that wait for a place with their owner are known by number alone.
  const open = Math.max(run.steps_total - steps.count, 0) + openSteps(steps);
  const about = [
    // Where something of it is not known, it tells no end.
    forecast === null || forecast.ends.some(Number.isNaN) ? 0 : steps.origin + forecast.end - now,
    p50 !== null && run.started_at !== null ? Date.parse(run.started_at) + p50 - now : 0,
    perSecond > 0 ? (open / perSecond) * 1000 : 0,
  ].find((left) => left > 0);
  return (
    <span className="dim ell num">
      {failed !== null && <b className="t-failure">will fail: {steps.keys[failed]} </b>}
      {about !== undefined && open > 0 && (
        <span title="By how long its ops take, else by the job's last runs, else by the steps that end now">
          {guess(about)} left
        </span>
      )}
      {perSecond >= 1 && `, at ${rate(perSecond).replace("/s", "steps/s")}`}
    </span>
  );
};

const openSteps = (steps: Steps): number => {
  let open = 0;
  for (let step = 0; step < steps.count; step++) if (steps.status[step]! < CODE.SUCCESS) open++;
  return open;
};

/** Of ops whose failure fails the run. */
const firstFailed = (steps: Steps): number | null => {
  let first: number | null = null;
  for (const step of steps.errors.keys())
    if (steps.status[step] === CODE.FAILURE && steps.nodes[steps.node[step]!]!.blocking)
      if (first === null || steps.ended[step]! < steps.ended[first]!) first = step;
  return first;
};

const Meta = ({ run }: { run: Run }): ReactNode => {
  const zone = useZone();
  const sensor = run.tags["dqueue/sensor"];
  const tags = Object.entries(run.tags).filter(([name]) => !name.startsWith("dqueue/"));
  const at = exact(Date.parse(run.created_at), zone);
  return (
    <div className="rmeta">
      {sensor !== undefined && (
        <span>
          <Icon name="sensors" size={13} />
          <Link className="link" href={`/sensors?sel=${encodeURIComponent(sensor)}`}>
            {sensor}
          </Link>
        </span>
      )}
      {run.parent_run_id !== null && (
        <span>
          <Icon name="retry" size={13} />
          <Link className="link mono" href={`/runs/${run.parent_run_id}`} title="The run that it repeats">
            {run.parent_run_id.slice(0, 13)}
          </Link>
        </span>
      )}
      <span title={at}>
        <Icon name="calendar" size={13} />
        <time className="num" dateTime={run.created_at}>
          {at.slice(11, 22)}
          {at.slice(23)}
        </time>
      </span>
      <span>
        <Icon name="bolt" size={13} />
        priority {run.priority}
      </span>
      <span className="rcode">
        <Icon name="key" size={13} />
        code <span className="mono">{run.code_version.slice(0, 7)}</span>
      </span>
      <Chips tags={Object.fromEntries(tags)} most={2} />
    </div>
  );
};
