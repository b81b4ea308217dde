import { graphChanges, type GraphChanges } from "../../core/graph-changes";
import type { PublishedJob } from "../../store/catalog";
import type { Database } from "../../store/database";
import { loadGraphs } from "../../store/graphs";
import type { Activity } from "../../store/queries/activity";
import { jobFigures, type JobFigures } from "../../store/queries/job-figures";
import { codeVersionsOf, type CodeVersionRow, lastRuns, type LastRunRow, liveRuns } from "../../store/queries/job-runs";
import { withTimes } from "../../store/queries/runs";
import { type SensorOutlook, sensorOutlooks } from "../../store/queries/sensor-outlook";
import { jobDetail, jobSummary } from "../job-view";

const DAY_MS = 86_400_000;
const LAST_RUNS = 30;

/** Jobs as their list shows them: some rows of each job, of sensors and of live runs. */
export const jobItems = async (db: Database, activity: Activity, jobs: readonly PublishedJob[]) => {
  const names = jobs.map(({ name }) => name);
  const figures = await jobFigures(db, names);
  const runs = new Map<string, LastRunRow[]>(names.map((name) => [name, []]));
  for (const run of await lastRuns(db, names, LAST_RUNS)) runs.get(run.job)!.push(run);
  const sensors = await sensorOutlooks(db);
  const today = await runsOfToday(db, activity);
  return jobs.map((job) => {
    const own = runs.get(job.name)!;
    const triggers = triggersOf(job.name, sensors);
    return {
      ...jobSummary(
        job,
        triggers.map(({ name }) => name),
      ),
      ...today(job.name),
      ops: [...new Set(job.graph.nodes.map(({ op }) => op))],
      figures: figuresOf(figures.get(job.name)),
      last_runs: shortRuns(own),
      last_run: lastRun(own),
      triggers,
      next_tick_at: nextTick(triggers),
    };
  });
};

/** A job in full, with its last `count` runs. */
export const jobPage = async (db: Database, activity: Activity, job: PublishedJob, count: number) => {
  const { name } = job;
  const own = await lastRuns(db, [name], count);
  const triggers = triggersOf(name, await sensorOutlooks(db));
  const { versions, complete } = await codeVersionsOf(db, name);
  const today = await runsOfToday(db, activity);
  return {
    ...jobDetail(
      job,
      triggers.map((trigger) => trigger.name),
    ),
    ...today(name),
    ops: [...new Set(job.graph.nodes.map(({ op }) => op))],
    figures: figuresOf((await jobFigures(db, [name])).get(name)),
    figures_before: figuresOf((await jobFigures(db, [name], { before: true })).get(name)),
    last_runs: longRuns(own),
    last_run: lastRun(own),
    triggers,
    next_tick_at: nextTick(triggers),
    code_versions: await withChanges(db, versions),
    code_versions_complete: complete,
  };
};

/** Older ones than these are not compared with what was before them. */
const COMPARED = 10;

/** Versions, newest first, each with what of the job is otherwise than in the one before it. */
const withChanges = async (db: Database, versions: readonly CodeVersionRow[]) => {
  const ids = versions.slice(0, COMPARED + 1).map(({ graph_id }) => graph_id);
  const graphs = await loadGraphs(db, ids);
  return versions.map(({ graph_id, ...version }, place) => {
    const [before, after] = [graphs.get(ids[place + 1] ?? ""), graphs.get(graph_id)];
    const changes = before && after ? changesJson(graphChanges(before, after)) : null;
    return { ...withTimes<object>(version), changes };
  });
};

const changesJson = ({ ofJob, ...ofNodes }: GraphChanges) => ({ ...ofNodes, of_job: ofJob });

/** Of the last day, with those that go on. */
const runsOfToday = async (db: Database, activity: Activity) => {
  const now = Date.now();
  await activity.update(now - DAY_MS);
  const ended = activity.endedByJob(now - DAY_MS, now);
  const live = await liveRuns(db);
  return (name: string) => {
    const { SUCCESS, FAILURE, CANCELED } = ended.get(name) ?? { SUCCESS: 0, FAILURE: 0, CANCELED: 0 };
    const own = live.filter(({ job }) => job === name);
    const queued = own.filter(({ status }) => status === "QUEUED").reduce((sum, { runs }) => sum + runs, 0);
    const alive = own.reduce((sum, { runs }) => sum + runs, 0);
    return { runs_24h: SUCCESS + FAILURE + CANCELED + alive, queued, started: alive - queued };
  };
};

const NO_FIGURES = {
  ...{ ended: 0, succeeded: 0, failed: 0, p50_ms: null, p95_ms: null, waited_p50_ms: null, steps_p50: null },
  last_status: null,
};
const figuresOf = (figures: JobFigures | undefined) => {
  if (!figures) return NO_FIGURES;
  const { job: _job, ...rest } = figures;
  return rest;
};

const triggersOf = (job: string, sensors: readonly SensorOutlook[]) =>
  sensors
    .filter(({ jobs, monitored_jobs }) => jobs.includes(job) || monitored_jobs.includes(job))
    .map(({ name, kind, status, failing_since, next_tick_at, jobs, minimum_interval_seconds }) => ({
      ...{ name, kind, status, minimum_interval_seconds },
      launches: jobs.includes(job),
      failing_since: failing_since?.toISOString() ?? null,
      next_tick_at: next_tick_at.toISOString(),
    }));

const nextTick = (triggers: ReturnType<typeof triggersOf>): string | null =>
  triggers
    .filter(({ status, kind, launches }) => status === "RUNNING" && kind === "sensor" && launches)
    .map(({ next_tick_at }) => next_tick_at)
    .sort()[0] ?? null;

const lastRun = ([run]: readonly LastRunRow[]) => {
  if (!run) return null;
  const { id, status, created_at, started_at, ended_at } = run;
  return withTimes<object>({ id, status, created_at, started_at, ended_at });
};

const between = (from: Date | null, to: Date | null): number | null =>
  from && to ? to.getTime() - from.getTime() : null;

/** Columns, oldest first: the same place in each is the same run. A run that goes on has no duration yet. */
const shortRuns = (newestFirst: readonly LastRunRow[]) => {
  const rows = [...newestFirst].reverse();
  return {
    id: rows.map(({ id }) => id),
    status: rows.map(({ status }) => status),
    duration_ms: rows.map(({ started_at, ended_at }) => between(started_at, ended_at)),
  };
};

const longRuns = (newestFirst: readonly LastRunRow[]) => {
  const rows = [...newestFirst].reverse();
  return {
    ...shortRuns(newestFirst),
    created_at: rows.map(({ created_at }) => created_at.toISOString()),
    started_at: rows.map(({ started_at }) => started_at?.toISOString() ?? null),
    waited_ms: rows.map(({ created_at, started_at }) => between(created_at, started_at)),
    steps: rows.map(({ steps_total }) => steps_total),
    code_version: rows.map(({ code_version }) => code_version),
  };
};
