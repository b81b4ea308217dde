import { DqueueError } from "../../../core/errors";
import type { JsonSchema } from "../../../core/json";
import { IDEMPOTENCY_HEADER, IDEMPOTENCY_PROBLEMS, idempotencyKey } from "../idempotency-key";
import { type ApiRequest, ok, type Reply, type Route } from "../route";
import { readRunFilter, RUN_FILTER } from "../run-query";
import { answers } from "./replies";
import { COUNT_MS } from "./run-lists";

const ID = { id: "The bulk action's id." };

const BULK: JsonSchema = {
  type: "object",
  properties: {
    verb: {
      type: "string",
      enum: ["cancel", "reexecute", "delete"],
      description: "`cancel` is for runs that go on, `reexecute` and `delete` are for those that have ended.",
    },
    from: {
      type: "string",
      enum: ["failure", "start"],
      description: "For `reexecute`: `failure` is for runs with status FAILURE alone.",
    },
    filter: {
      type: "object",
      description: "As in the query of `GET /api/runs`; empty: all runs.",
      properties: RUN_FILTER,
      additionalProperties: false,
    },
    count: {
      type: "integer",
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: "How many runs that was when it was confirmed: refused (409) where it is more than 5 % off.",
    },
  },
  required: ["verb", "filter", "count"],
  additionalProperties: false,
  if: { properties: { verb: { const: "reexecute" } }, required: ["verb"] },
  then: { required: ["from"] },
  else: { properties: { from: { not: {}, errorMessage: 'goes only with "verb": "reexecute"' } } },
};

const inBody = (name: string, problem: string): DqueueError =>
  new DqueueError("INVALID_BODY", `/filter/${name} ${problem}.`, {
    errors: [{ pointer: `/filter/${name}`, message: problem }],
  });

const start = async ({ body, headers, call }: ApiRequest): Promise<Reply> => {
  const { verb, from = null, filter, count } = body;
  const asked = { verb, from, filter: readRunFilter(filter as Record<string, unknown>, inBody), count };
  const idempotency_key = idempotencyKey(headers);
  const action = await call<{ id: string }>("runs.startBulk", { ...asked, idempotency_key }, { timeout: COUNT_MS });
  return { status: 202, body: action, headers: { location: `/api/runs/bulk/${action.id}` } };
};

/** What is done to all runs of a filter. */
export const BULK_ROUTES: Route[] = [
  {
    method: "POST",
    path: "/api/runs/bulk",
    operation: "startBulkAction",
    tag: "runs",
    role: "operator",
    facts: (asked) => asked,
    summary: "Cancels, re-executes or deletes all runs of a filter that this can be done to.",
    description:
      "They are gone through in the background, newest first, each as the filter finds it when its turn comes; runs " +
      "created later are not touched. It goes on across restarts of web servers. The action's id becomes the tag " +
      "`dqueue/bulk` of runs that it cancels or creates. With an `Idempotency-Key` the same request begins once within 24 " +
      "hours; who comes second is answered with that action.",
    headers: IDEMPOTENCY_HEADER,
    body: { schema: BULK, required: true },
    replies: { 202: answers("BulkAction", "It has begun.") },
    problems: ["COUNT_DIFFERS", ...IDEMPOTENCY_PROBLEMS],
    handle: start,
  },
  {
    method: "GET",
    path: "/api/runs/bulk/:id",
    operation: "getBulkAction",
    tag: "runs",
    role: "viewer",
    summary: "Tells how far a bulk action is. Kept for 30 days after its end.",
    params: ID,
    replies: { 200: answers("BulkAction", "The action.") },
    problems: ["BULK_ACTION_NOT_FOUND"],
    handle: async ({ params, call }) => ok(await call("runs.bulk", { id: params.id })),
  },
  {
    method: "POST",
    path: "/api/runs/bulk/:id/stop",
    operation: "stopBulkAction",
    tag: "runs",
    role: "operator",
    summary: "Stops a bulk action: what was done stays done, nothing more is. Repeatable.",
    params: ID,
    replies: { 200: answers("BulkAction", "The action as it is now.") },
    problems: ["BULK_ACTION_NOT_FOUND"],
    handle: async ({ params, call }) => ok(await call("runs.stopBulk", { id: params.id })),
  },
];
