import type { JobSummary, RunStatus } from "../../../client";
import { runHasEnded, type Status } from "../../parts/status";

export type State = "failing" | "running" | "queued" | "never" | "paused";

export const STATES: readonly { state: State; title: string; status?: Status }[] = [
  { state: "failing", title: "Failing", status: "FAILURE" },
  { state: "running", title: "Running", status: "STARTED" },
  { state: "queued", title: "Queued", status: "QUEUED" },
  { state: "never", title: "Never ran" },
  { state: "paused", title: "Paused" },
];

const isLauncher = ({ kind, launches }: JobSummary["triggers"][number]): boolean => kind === "sensor" && launches;

/** What can be said of a job: several of it may hold. */
export const isIn = (job: JobSummary, state: State): boolean => {
  switch (state) {
    case "failing":
      return isFailing(job);
    case "running":
      return job.started > 0;
    case "queued":
      return job.queued > 0;
    case "never":
      return job.last_run === null;
    case "paused":
      return isPaused(job);
  }
};

export const isFailing = ({ figures }: JobSummary): boolean => figures.last_status === "FAILURE";

/** It has sensors that launch it, and all of them are off. */
export const isPaused = ({ triggers }: JobSummary): boolean => {
  const own = triggers.filter(isLauncher);
  return own.length > 0 && own.every(({ status }) => status === "STOPPED");
};

/** What its icon shows: that it fails, else what goes on, else how the last of its runs to end did. */
export const iconOf = (job: JobSummary): RunStatus | "PENDING" => {
  if (isFailing(job)) return "FAILURE";
  const { last_run: last, figures } = job;
  if (!last) return "PENDING";
  return runHasEnded(last.status) ? (figures.last_status ?? last.status) : last.status;
};

export const teamOf = ({ tags }: JobSummary): string => tags.team ?? "";

export const SORTS = ["job", "success", "p50", "p95", "runs", "last", "next"] as const;
export type Sort = (typeof SORTS)[number];

const FIGURES: Readonly<Record<Exclude<Sort, "job">, (job: JobSummary) => number>> = {
  success: ({ figures: { succeeded, failed } }) => (succeeded + failed === 0 ? 2 : succeeded / (succeeded + failed)),
  p50: ({ figures }) => figures.p50_ms ?? -1,
  p95: ({ figures }) => figures.p95_ms ?? -1,
  runs: ({ runs_24h }) => runs_24h,
  last: ({ last_run }) => (last_run ? Date.parse(last_run.created_at) : 0),
  next: ({ next_tick_at }) => (next_tick_at ? Date.parse(next_tick_at) : Number.MAX_SAFE_INTEGER),
};

/** `sort`: a column, with `-` falling; "": those that fail first, then by runs. */
export const sorted = (jobs: readonly JobSummary[], sort: string): JobSummary[] => {
  const column = SORTS.find((known) => known === sort.replace("-", ""));
  const byName = (a: JobSummary, b: JobSummary): number => (a.name < b.name ? -1 : 1);
  const order = (a: JobSummary, b: JobSummary): number => {
    if (!column) return Number(isFailing(b)) - Number(isFailing(a)) || b.runs_24h - a.runs_24h || byName(a, b);
    if (column === "job") return byName(a, b);
    return FIGURES[column](a) - FIGURES[column](b) || byName(a, b);
  };
  const rows = [...jobs].sort(order);
  return column && sort.startsWith("-") ? rows.reverse() : rows;
};

/** All words must be found in its name, team, tags, ops, sensors or schedules. */
export const matches = (job: JobSummary, q: string): boolean => {
  const { name, tags, ops, sensors, schedules } = job;
  const text = [name, ...Object.entries(tags).flat(), ...ops, ...sensors, ...schedules].join("\n").toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

export type Grouping = "none" | "team" | "tag";

/** A line of the list: a job, or what the jobs beneath it have in common. */
export type Line = { job: JobSummary } | { title: string; jobs: number };

/** @param grouping by team, or by each of their tags. */
export const linesOf = (jobs: readonly JobSummary[], grouping: Grouping): Line[] => {
  if (grouping === "none") return jobs.map((job) => ({ job }));
  const groups = new Map<string, JobSummary[]>();
  for (const job of jobs)
    for (const title of titlesOf(job, grouping)) groups.set(title, [...(groups.get(title) ?? []), job]);
  return [...groups]
    .sort(([a], [b]) => (a === NONE ? 1 : b === NONE ? -1 : a < b ? -1 : 1))
    .flatMap(([title, members]) => [{ title, jobs: members.length }, ...members.map((job) => ({ job }))]);
};

const NONE = "none";

/** A job stands beneath each of its tags. */
const titlesOf = (job: JobSummary, grouping: "team" | "tag"): string[] => {
  if (grouping === "team") return [teamOf(job) || NONE];
  const tags = Object.entries(job.tags).map(([key, value]) => `${key}: ${value}`);
  return tags.length > 0 ? tags : [NONE];
};
