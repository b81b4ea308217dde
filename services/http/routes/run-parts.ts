import { DqueueError } from "../../../core/errors";
import { EVENT_TYPES } from "../../../core/records";
import { STEP_STATUSES } from "../../../core/status";
import { type ApiRequest, ok, type Route } from "../route";
import { instantOf } from "../run-query";
import { PAGING, pagingOf } from "../schemas/common";
import { answers, answersPage } from "./replies";

const ID = { id: "The run's id." };
const STEP = { ...ID, key: "The step's key, URL-encoded: `a%5Bk3%5D` for `a[k3]`." };
const { limit: LIMIT, cursor: CURSOR } = PAGING as { limit: object; cursor: object };
const SEQ = /^\d{1,9}$/;

/** `after` is what these lists are followed by; `cursor` is the same, so that `next_cursor` works as everywhere. */
const placeOf = ({ query }: ApiRequest): string | null =>
  (query.after as string | undefined) ?? (query.cursor as string | undefined) ?? null;

const seqOf = (request: ApiRequest): number => {
  const place = placeOf(request) ?? "0";
  if (SEQ.test(place)) return Number(place);
  const parameter = request.query.after === undefined ? "cursor" : "after";
  throw new DqueueError("INVALID_PARAMETER", `The query parameter "${parameter}" must be the number of an event.`, {
    parameter,
  });
};

/** What a run consists of. */
export const RUN_PART_ROUTES: Route[] = [
  {
    method: "GET",
    path: "/api/runs/:id/graph",
    operation: "getRunGraph",
    tag: "runs",
    role: "viewer",
    summary: "The graph that the run was launched with.",
    params: ID,
    replies: { 200: answers("Graph", "The graph.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, call }) => ok(await call("runs.graph", { id: params.id })),
  },
  {
    method: "GET",
    path: "/api/runs/:id/steps",
    operation: "listSteps",
    tag: "runs",
    role: "viewer",
    summary: "Lists the run's steps by key, without outputs. A step appears once it is ready to run.",
    description:
      "Numbers in keys count by value: `a[2]` before `a[10]`. Lists of more than 10,000 steps go by the keys' text.",
    params: ID,
    query: {
      status: {
        type: "array",
        items: { type: "string", enum: STEP_STATUSES.filter((status) => status !== "PENDING") },
        description: "Repeatable: any of them.",
      },
      node: { type: "string", minLength: 1, maxLength: 1000 },
      ...PAGING,
    },
    replies: { 200: answersPage("StepSummary", "A page of steps.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, query, call }) => {
      const { limit: _limit, cursor: _cursor, ...filter } = query;
      return ok(await call("runs.steps", { ...filter, run: params.id, ...pagingOf(query) }));
    },
  },
  {
    method: "GET",
    path: "/api/runs/:id/steps/:key",
    operation: "getStep",
    tag: "runs",
    role: "viewer",
    summary: "Shows a step with its inputs and outputs.",
    params: STEP,
    replies: { 200: answers("Step", "The step.") },
    problems: ["RUN_NOT_FOUND", "STEP_NOT_FOUND"],
    handle: async ({ params, call }) => ok(await call("runs.step", { run: params.id, key: params.key })),
  },
  {
    method: "GET",
    path: "/api/runs/:id/steps/:key/items",
    operation: "listItems",
    tag: "runs",
    role: "viewer",
    summary: "Lists what a generator has yielded, in order.",
    params: STEP,
    query: PAGING,
    replies: { 200: answersPage("Item", "A page of items.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, query, call }) =>
      ok(await call("runs.items", { run: params.id, step: params.key, ...pagingOf(query) })),
  },
  {
    method: "GET",
    path: "/api/runs/:id/events",
    operation: "listEvents",
    tag: "runs",
    role: "viewer",
    summary: "Lists the run's events in order.",
    params: ID,
    query: {
      after: { type: "string", maxLength: 100, description: "Events after the one of this number." },
      type: {
        type: "array",
        items: { type: "string", enum: [...EVENT_TYPES] },
        description: "Only of this type. Repeatable: any of them.",
      },
      cursor: { ...CURSOR, description: "The same as `after`." },
      limit: LIMIT as never,
    },
    replies: { 200: answersPage("Event", "A page of events.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async (request) =>
      ok(
        await request.call("runs.events", {
          run: request.params.id,
          after: seqOf(request),
          types: request.query.type,
          limit: pagingOf(request.query).limit,
        }),
      ),
  },
  {
    method: "GET",
    path: "/api/runs/:id/events/latest",
    operation: "latestEvents",
    tag: "runs",
    role: "viewer",
    summary: "Lists the run's last events up to a moment, in order.",
    params: ID,
    query: {
      until: { type: "string", format: "date-time", description: "Inclusive. Without it: up to now." },
      limit: LIMIT as never,
    },
    replies: { 200: answersPage("Event", "So many events at most; there is no other page.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, query, call }) => {
      const at = instantOf("until", query.until) ?? Number.MAX_SAFE_INTEGER;
      return ok(await call("runs.latestEvents", { run: params.id, until: at, limit: pagingOf(query).limit }));
    },
  },
  {
    method: "GET",
    path: "/api/runs/:id/logs",
    operation: "listLogs",
    tag: "runs",
    role: "viewer",
    summary: "Lists log lines in the order in which they came in, each once.",
    params: ID,
    query: {
      step: { type: "string", minLength: 1, maxLength: 4000, description: "Of this step only (step key)." },
      after: { type: "string", maxLength: 100, description: "Lines behind the one with this id." },
      cursor: { ...CURSOR, description: "The same as `after`." },
      limit: LIMIT as never,
    },
    replies: { 200: answersPage("LogLine", "A page of lines.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async (request) =>
      ok(
        await request.call("runs.logs", {
          run: request.params.id,
          step: request.query.step,
          after: placeOf(request),
          limit: pagingOf(request.query).limit,
        }),
      ),
  },
];
