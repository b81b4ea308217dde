import { compilePlan } from "../../../core/plan";
import { STEP_STATUSES, type StepStatus } from "../../../core/status";
import type { Database } from "../../../store/database";
import { runNotFound } from "../../../store/end-of-runs";
import { graphOfRun } from "../../../store/graphs";
import { type NotableEvent, notableEvents, type StepColumns } from "../../../store/queries/step-columns";
import { criticalPath } from "./critical-path";
import { type Density, densityOf } from "./density";
import { figuresOf, type Group, type GroupFigures, groupsOf } from "./groups";
import { outliersOf, type Reason, SHOWN_ONE_BY_ONE } from "./outliers";
import type { RunInHand } from "./runs-in-hand";
import { stepTable } from "./step-table";

/** Steps of the first answer, whatever the run: others are asked for by group or window. */
const MOST_STEPS = 200;
/** Columns of all density strips together. */
const MOST_BUCKETS = 1_500;
const STRIP_BUCKETS = 150;
const SLOT_BUCKETS = 200;
/** Retries, losses and take-overs that are looked at. */
export const NOTABLE_EVENTS = 5_000;
const MARKERS = 100;

/**
 * What a run's timeline is opened with, of bounded size: figures of all groups, the steps of small ones, strips and
 * outliers of large ones, the critical path, and marks. All of it is made of the run's step columns.
 */
export const readTimeline = async (db: Database, inHand: RunInHand) => {
  const { run, columns, now } = inHand;
  const graph = await graphOfRun(db, run.id);
  if (!graph) throw runNotFound(run.id);
  const plan = compilePlan(graph);
  const groups = groupsOf(columns, plan);
  const events = await notableEvents(db, run.id, NOTABLE_EVENTS);
  const { listed, reasons } = listedSteps(columns, groups, now);
  const table = await stepTable(db, inHand, listed, events);
  const to = Math.max(now, 1);
  return {
    run: headOf(run),
    at: new Date(columns.origin + now).toISOString(),
    now_ms: now,
    groups: groupColumns(groups.map((group) => figuresOf(columns, group))),
    ...table,
    reasons: Object.fromEntries([...reasons].map(([place, reason]) => [columns.keys[place]!, reason])),
    steps_complete: listed.length === columns.count,
    strips: stripsOf(columns, groups, to),
    slots: { from_ms: 0, to_ms: to, used: slotsOf(columns, to) },
    by_worker: workerColumns(columns, now),
    critical_path: criticalPath(columns, plan, groups),
    markers: markersOf(events, columns.origin),
  };
};

const headOf = ({ id, job, status, created_at, admitted_at, started_at, ended_at, steps_total }: RunInHand["run"]) => ({
  ...{ id, job, status, created_at, admitted_at, started_at, ended_at, steps_total },
});

const listedSteps = (
  columns: StepColumns,
  groups: readonly Group[],
  now: number,
): { listed: number[]; reasons: Map<number, Reason> } => {
  const listed: number[] = [];
  const reasons = new Map<number, Reason>();
  for (const { places } of groups) {
    const chosen = places.length <= SHOWN_ONE_BY_ONE ? [] : outliersOf(columns, places, now);
    const shown = places.length <= SHOWN_ONE_BY_ONE ? places : chosen.map(({ place }) => place);
    if (listed.length + shown.length > MOST_STEPS) continue;
    listed.push(...shown);
    for (const { place, reason } of chosen) reasons.set(place, reason);
  }
  return { listed, reasons };
};

/** The same place in each column is the same group. A status that no step has is left out. */
const groupColumns = (groups: readonly GroupFigures[]) => {
  const column = <K extends keyof GroupFigures>(name: K): GroupFigures[K][] => groups.map((group) => group[name]);
  const statuses = STEP_STATUSES.filter((status) => groups.some(({ counts }) => counts[status]));
  const countsOf = (status: StepStatus): number[] => groups.map(({ counts }) => counts[status] ?? 0);
  return {
    ...{ node: column("node"), mapped: column("mapped"), count: column("count") },
    held_back: column("held_back"),
    counts: Object.fromEntries(statuses.map((status) => [status, countsOf(status)])),
    ...{ retried: column("retried"), lost: column("lost") },
    ...{ p50_ms: column("p50_ms"), p95_ms: column("p95_ms"), max_ms: column("max_ms") },
    ...{ start: column("start"), end: column("end") },
  };
};

interface Strip {
  node: string;
  from_ms: number;
  to_ms: number;
  slots: Density;
}

/** Of each large group: the slots that it took, over the whole run. */
const stripsOf = (columns: StepColumns, groups: readonly Group[], to: number): Strip[] => {
  const large = groups.filter(({ places }) => places.length > SHOWN_ONE_BY_ONE);
  const buckets = Math.max(10, Math.min(STRIP_BUCKETS, Math.floor(MOST_BUCKETS / Math.max(1, large.length))));
  return large.slice(0, MOST_BUCKETS / 10).map(({ node, places }) => ({
    ...{ node, from_ms: 0, to_ms: to },
    slots: densityOf(columns, places, { from: 0, to, buckets }, to),
  }));
};

const slotsOf = (columns: StepColumns, to: number): number[] => {
  const density = densityOf(columns, columns.keys.keys(), { from: 0, to, buckets: SLOT_BUCKETS }, to);
  const used = Array.from({ length: SLOT_BUCKETS }, () => 0);
  for (const slots of Object.values(density)) slots.forEach((value, bucket) => (used[bucket]! += value));
  return used.map((slots) => Math.round(slots * 10) / 10);
};

const MOST_WORKERS = 200;

/** What each worker did for the run: the last attempts of its steps. Busiest first. */
const workerColumns = (columns: StepColumns, now: number) => {
  const loads = new Map<string, { steps: number; busy: number; first: number; last: number }>();
  columns.workers.forEach((worker, place) => {
    const started = columns.started[place]!;
    if (worker === null || Number.isNaN(started)) return;
    const ended = Number.isNaN(columns.ended[place]!) ? now : columns.ended[place]!;
    let load = loads.get(worker);
    if (!load) loads.set(worker, (load = { steps: 0, busy: 0, first: started, last: ended }));
    load.steps++;
    load.busy += ended - started;
    if (started < load.first) load.first = started;
    if (ended > load.last) load.last = ended;
  });
  const rows = [...loads].sort(([, a], [, b]) => b.busy - a.busy).slice(0, MOST_WORKERS);
  return {
    worker: rows.map(([worker]) => worker),
    steps: rows.map(([, { steps }]) => steps),
    busy_ms: rows.map(([, { busy }]) => busy),
    first: rows.map(([, { first }]) => first),
    last: rows.map(([, { last }]) => last),
  };
};

interface Marker {
  at_ms: number;
  type: "RUN_OWNER_CHANGED" | "STEP_LOST";
  owner: string | null;
  worker: string | null;
  steps: number;
}

/** Losses of a worker within a second are one mark. */
const markersOf = (events: readonly NotableEvent[], origin: number): Marker[] => {
  const markers = new Map<string, Marker>();
  for (const { seq, at, type, worker, owner } of events) {
    const at_ms = at.getTime() - origin;
    if (type === "RUN_OWNER_CHANGED") markers.set(String(seq), { ...{ at_ms, type, owner }, worker: null, steps: 0 });
    if (type !== "STEP_LOST") continue;
    const name = `${worker} ${Math.floor(at_ms / 1_000)}`;
    const known = markers.get(name);
    if (known) known.steps++;
    else markers.set(name, { ...{ at_ms, type, worker }, owner: null, steps: 1 });
  }
  return [...markers.values()].slice(0, MARKERS);
};
