import { RUN_SORTS } from "../../../store/queries/run-list";
import { ok, type Route } from "../route";
import { readRunFilter, RUN_FILTER } from "../run-query";
import { PAGING, pagingOf } from "../schemas/common";
import { answers, answersPage } from "./replies";

const { status: _status, ...WITHOUT_STATUS } = RUN_FILTER;
const { created_after: _after, created_before: _before, ...WITHOUT_TIMES } = RUN_FILTER;
const DAY_S = 86_400;
/** What the database gives a statement. */
export const COUNT_MS = 35_000;

/** Runs of a filter: their list, and its figures. */
export const RUN_LIST_ROUTES: Route[] = [
  {
    method: "GET",
    path: "/api/runs",
    operation: "listRuns",
    tag: "runs",
    role: "viewer",
    summary: "Lists runs, newest first or as `sort` says, without configs.",
    description:
      "A filter that few runs fit may give a page that is short, even empty, with a `next_cursor`: the search has gone " +
      "through 50,000 runs (10,000 where `error` is asked for) and goes on there. Sorted by duration or status are as " +
      "many, the newest of the filter.",
    query: {
      ...RUN_FILTER,
      sort: { type: "string", enum: [...RUN_SORTS], default: "-created", description: "`-`: falling." },
      ...PAGING,
    },
    replies: { 200: answersPage("RunItem", "A page of runs.") },
    handle: async ({ query, call }) => {
      const { sort = "-created" } = query;
      return ok(await call("runs.list", { filter: readRunFilter(query), sort, ...pagingOf(query) }));
    },
  },
  {
    method: "GET",
    path: "/api/runs/counts",
    operation: "countRuns",
    tag: "runs",
    role: "viewer",
    summary: "Counts the runs of a filter by status.",
    description:
      "Runs that have not ended are all counted, and of the others the newest 50,000 of the filter (10,000 where " +
      "`error` is asked for): where there are more, `complete` is false and `counted_from` says since when. Without a " +
      "filter, and with `whole=true`, all of history is counted.",
    query: {
      ...WITHOUT_STATUS,
      whole: { type: "boolean", default: false, description: "However long that takes: of millions some seconds." },
    },
    replies: { 200: answers("RunCounts", "The counts.") },
    handle: async ({ query, call }) => {
      const asked = { filter: readRunFilter(query), whole: query.whole === true };
      return ok(await call("runs.counts", asked, { timeout: COUNT_MS }));
    },
  },
  {
    method: "GET",
    path: "/api/runs/histogram",
    operation: "runHistogram",
    tag: "runs",
    role: "viewer",
    summary: "Tells when the runs of a filter were created, by their status now.",
    description:
      "Of the newest 50,000 runs (10,000 where `error` is asked for): where there are more, `complete` is false.",
    query: {
      ...WITHOUT_TIMES,
      seconds: { type: "integer", minimum: 60, maximum: 31 * DAY_S, default: DAY_S, description: "Until now." },
      buckets: { type: "integer", minimum: 1, maximum: 500, default: 72 },
    },
    replies: { 200: answers("RunHistogram", "The histogram.") },
    handle: async ({ query, call }) => {
      const { seconds = DAY_S, buckets = 72 } = query;
      return ok(await call("runs.histogram", { filter: readRunFilter(query), to: Date.now(), seconds, buckets }));
    },
  },
];
