import type { JsonSchema } from "../../../core/json";
import { STEP_STATUSES } from "../../../core/status";
import type { Database } from "../../../store/database";
import { takeoversOfRun } from "../../../store/takeovers";
import { ok, type ReplyDoc, type Route } from "../route";
import { compareRuns } from "../timeline/compare";
import { readTimeline } from "../timeline/read-timeline";
import { columnsTold, readTries, type TellColumns } from "../timeline/run-columns";
import { RunsInHand } from "../timeline/runs-in-hand";
import { readStepPage, readStrip, STEP_SORTS, type StepSelection, type StepSort } from "../timeline/step-page";
import { invalidParameter } from "../validate";
import { answers } from "./replies";

const ID = { id: "The run's id." };

const SELECTION: Record<string, JsonSchema> = {
  node: { type: "string", minLength: 1, maxLength: 1000 },
  status: {
    type: "array",
    items: { type: "string", enum: STEP_STATUSES.filter((status) => status !== "PENDING") },
    description: "Repeatable: any of them.",
  },
  worker: { type: "array", items: { type: "string", minLength: 1, maxLength: 1000 }, description: "Repeatable." },
  key: { type: "string", minLength: 1, maxLength: 4000, description: "A part of the step's key." },
  from_ms: { type: "integer", description: "Steps that were open behind this moment, in ms since the run's creation." },
  to_ms: { type: "integer", description: "Steps that were there before this moment." },
};

const timelineRoute = (db: Database, runs: RunsInHand): Route => ({
  method: "GET",
  path: "/api/runs/:id/timeline",
  operation: "getTimeline",
  tag: "runs",
  role: "viewer",
  summary: "Shows what a run's timeline is opened with: at most 60 kB, whatever the run.",
  description:
    "Times are ms since the run's creation. Groups of up to 12 steps come step by step; of larger ones come strips " +
    "(slots in use over time, by the status that steps have now) and outliers with the reason for which they are shown.",
  params: ID,
  replies: { 200: answers("Timeline", "The timeline.") },
  problems: ["RUN_NOT_FOUND"],
  handle: async ({ params }) => ok(await readTimeline(db, await runs.get(params.id!))),
});

/** A run as its timeline shows it. */
export const timelineRoutes = ({ db }: { db: Database }): Route[] => {
  const runs = new RunsInHand(db);
  return [
    timelineRoute(db, runs),
    {
      method: "GET",
      path: "/api/runs/:id/timeline/steps",
      operation: "listTimelineSteps",
      tag: "runs",
      role: "viewer",
      summary: "Lists steps of a run's timeline, of a group or a window, with the attempts that they have behind them.",
      params: ID,
      query: {
        ...SELECTION,
        sort: { type: "string", enum: STEP_SORTS.flatMap((sort) => [sort, `-${sort}`]), default: "key" },
        offset: { type: "integer", minimum: 0, default: 0 },
        limit: { type: "integer", minimum: 1, maximum: 1000, default: 200 },
      },
      replies: { 200: answers("TimelineSteps", "A page of steps.") },
      problems: ["RUN_NOT_FOUND"],
      handle: async ({ params, query }) => {
        const { sort = "key", offset = 0, limit = 200, ...selection } = query as StepSelection & Partial<Page>;
        return ok(await readStepPage(db, await runs.get(params.id!), { ...selection, sort, offset, limit }));
      },
    },
    {
      method: "GET",
      path: "/api/runs/:id/timeline/strip",
      operation: "getTimelineStrip",
      tag: "runs",
      role: "viewer",
      summary: "Shows the slots that steps took over time, of a group or a window.",
      params: ID,
      query: { ...SELECTION, buckets: { type: "integer", minimum: 1, maximum: 2000, default: 400 } },
      replies: { 200: answers("TimelineStrip", "The strip.") },
      problems: ["RUN_NOT_FOUND"],
      handle: async ({ params, query }) => {
        const { buckets = 400, ...selection } = query as StepSelection & { buckets?: number };
        const { from_ms = 0, to_ms = Infinity } = selection;
        if (to_ms <= from_ms) throw invalidParameter("to_ms", "must be greater than from_ms");
        return ok(readStrip(await runs.get(params.id!), { ...selection, buckets }));
      },
    },
    ...wholeRoutes(db, runs, columnsTold(db)),
    takeoversRoute(db, runs),
    compareRoute(runs),
  ];
};

const JSON_TYPE = "application/json; charset=utf-8";
const NOTHING_NEW: ReplyDoc = { description: "Nothing has happened since.", schema: null };

/** For who wants all of a run, to look at it in any way without asking again. */
const wholeRoutes = (db: Database, runs: RunsInHand, tellColumns: TellColumns): Route[] => [
  {
    method: "GET",
    path: "/api/runs/:id/timeline/columns",
    operation: "getTimelineColumns",
    tag: "runs",
    role: "viewer",
    summary: "Shows all steps of a run, as columns: some 46 bytes each, however many there are.",
    description: "Times are ms since the run's creation. What few steps have stands apart, by their keys.",
    params: ID,
    query: {
      after: {
        type: "integer",
        minimum: 0,
        description: "Only if something has happened since the event of this number.",
      },
    },
    replies: { 200: answers("TimelineColumns", "The steps."), 204: NOTHING_NEW },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, query: { after = -1 } }) => {
      const run = await runs.since(params.id!, after as number);
      return run ? { ...ok(await tellColumns(run)), type: JSON_TYPE } : { status: 204, body: null };
    },
  },
  {
    method: "GET",
    path: "/api/runs/:id/timeline/tries",
    operation: "getTimelineTries",
    tag: "runs",
    role: "viewer",
    summary:
      "Shows the attempts that steps had before their last ones: when they waited and ran, where, and how they ended.",
    description: "Times are ms since the run's creation.",
    params: ID,
    replies: { 200: answers("TimelineTries", "The attempts, by step.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params }) => ok(await readTries(db, await runs.get(params.id!))),
  },
];

const MOST_TAKEOVERS = 100;

const takeoversRoute = (db: Database, runs: RunsInHand): Route => ({
  method: "GET",
  path: "/api/runs/:id/takeovers",
  operation: "listRunTakeovers",
  tag: "runs",
  role: "viewer",
  summary: "Shows when a run came to another owner: why, how long it stood still, and what was sent again.",
  params: ID,
  replies: { 200: answers("RunTakeovers", "The takeovers of the run's shard.") },
  problems: ["RUN_NOT_FOUND"],
  handle: async ({ params }) => {
    const { run } = await runs.get(params.id!);
    const found = await takeoversOfRun(db, run.id, MOST_TAKEOVERS);
    return ok({ items: found.map((taken) => ({ ...taken, at: taken.at.toISOString() })) });
  },
});

const compareRoute = (runs: RunsInHand): Route => ({
  method: "GET",
  path: "/api/runs/:id/compare/:other",
  operation: "compareRuns",
  tag: "runs",
  role: "viewer",
  summary: "Compares two runs: their configs, nodes, and steps matched by key, those that changed most first.",
  params: { ...ID, other: "The id of the other run." },
  replies: { 200: answers("Comparison", "The comparison; pairs are of the first run and of the other.") },
  problems: ["RUN_NOT_FOUND"],
  handle: async ({ params }) => {
    const [a, b] = await Promise.all([runs.get(params.id!), runs.get(params.other!)]);
    return ok(compareRuns(a, b));
  },
});

interface Page {
  sort: StepSort | `-${StepSort}`;
  offset: number;
  limit: number;
}
