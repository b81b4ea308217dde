import { IDEMPOTENCY_HEADER, IDEMPOTENCY_PROBLEMS, idempotencyKey } from "../idempotency-key";
import { type ApiRequest, ok, type Reply, type Route } from "../route";
import { LAUNCH, REEXECUTE } from "../schemas/requests";
import { answers } from "./replies";

const ID = { id: "The run's id." };
/** Runs of 100,000 steps are copied and deleted in one transaction: longer than other calls. */
const LARGE_RUN_MS = 60_000;

interface Launched {
  created: boolean;
  run: { id: string };
}

const launch = async ({ body, headers, call }: ApiRequest): Promise<Reply> => {
  const idempotency_key = idempotencyKey(headers);
  const { created, run } = await call<Launched>("runs.launch", { ...body, idempotency_key });
  return { status: created ? 201 : 200, body: run, headers: { location: `/api/runs/${run.id}` } };
};

const reexecute = async ({ params, body, headers, call }: ApiRequest): Promise<Reply> => {
  const asked = { ...body, run: params.id, idempotency_key: idempotencyKey(headers) };
  const { created, run } = await call<Launched>("runs.reexecute", asked, { timeout: LARGE_RUN_MS });
  return { status: created ? 201 : 200, body: run, headers: { location: `/api/runs/${run.id}` } };
};

/** Of a re-execution. */
const REFUSALS = [
  "RUN_NOT_FOUND",
  "JOB_NOT_FOUND",
  "RUN_NOT_ENDED",
  "NOTHING_TO_REEXECUTE",
  "INVALID_SELECTION",
  "INVALID_CONFIG",
] as const;

export const RUN_ROUTES: Route[] = [
  {
    method: "POST",
    path: "/api/runs",
    operation: "launchRun",
    tag: "runs",
    role: "launcher",
    launches: true,
    facts: ({ job }) => ({ job: job! }),
    summary: "Launches a run of a job.",
    description:
      "The config is checked by the job's schema, with its defaults filled in. With an `Idempotency-Key` the same " +
      "request for the same job launches one run within 24 hours, whatever became of it; with a `run_key` it launches " +
      "one run ever. Who comes second is answered 200 with that run.",
    headers: IDEMPOTENCY_HEADER,
    body: { schema: LAUNCH, required: true },
    replies: {
      201: answers("Run", "The run, queued."),
      200: answers("Run", "The run that the key had launched before."),
    },
    problems: ["JOB_NOT_FOUND", "INVALID_CONFIG", "INVALID_SELECTION", ...IDEMPOTENCY_PROBLEMS, "RUN_DELETED"],
    handle: launch,
  },
  {
    method: "GET",
    path: "/api/runs/:id",
    operation: "getRun",
    tag: "runs",
    role: "viewer",
    summary: "Shows a run with its config.",
    params: ID,
    replies: { 200: answers("Run", "The run.") },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ params, call }) => ok(await call("runs.get", { id: params.id })),
  },
  {
    method: "DELETE",
    path: "/api/runs/:id",
    operation: "deleteRun",
    tag: "runs",
    role: "operator",
    summary: "Deletes an ended run with its steps, events and logs. Its run key stays taken.",
    params: ID,
    replies: { 204: { description: "It is gone.", schema: null } },
    problems: ["RUN_NOT_FOUND", "RUN_NOT_ENDED"],
    handle: async ({ params, call }) => {
      await call("runs.delete", { id: params.id }, { timeout: LARGE_RUN_MS });
      return { status: 204, body: null };
    },
  },
  {
    method: "POST",
    path: "/api/runs/:id/cancel",
    operation: "cancelRun",
    tag: "runs",
    role: "launcher",
    summary: "Asks for a run to be canceled. Repeatable.",
    params: ID,
    replies: { 202: answers("CancelAnswer", "It will end CANCELED, or has.") },
    problems: ["RUN_NOT_FOUND", "RUN_ENDED"],
    handle: async ({ params, call }) => ({ status: 202, body: await call("runs.cancel", { id: params.id }) }),
  },
  {
    method: "POST",
    path: "/api/runs/:id/reexecute/validate",
    operation: "validateReexecution",
    tag: "runs",
    role: "launcher",
    changes: false,
    summary: "Says what a re-execution would do, or why it would be refused, and launches nothing.",
    params: ID,
    body: { schema: REEXECUTE, required: true },
    replies: { 200: answers("ReexecutionPlan", "What it would do.") },
    problems: REFUSALS,
    handle: async ({ params, body, call }) =>
      ok(await call("runs.tryReexecution", { ...body, run: params.id }, { timeout: LARGE_RUN_MS })),
  },
  {
    method: "POST",
    path: "/api/runs/:id/reexecute",
    operation: "reexecuteRun",
    tag: "runs",
    role: "launcher",
    launches: true,
    facts: ({ from, steps = [] }) => ({ from: from!, ...((steps as string[]).length > 0 && { steps }) }),
    summary: "Launches a run that repeats this one, or what of it failed, or chosen steps.",
    description:
      "With an `Idempotency-Key` the same request for the same run launches once within 24 hours; who comes second is " +
      "answered 200 with that run.",
    headers: IDEMPOTENCY_HEADER,
    params: ID,
    body: { schema: REEXECUTE, required: true },
    replies: {
      201: answers("Reexecution", "The new run; its `parent_run_id` is this one."),
      200: answers("Reexecution", "The run that the key had launched before."),
    },
    problems: [...REFUSALS, ...IDEMPOTENCY_PROBLEMS, "RUN_DELETED"],
    handle: reexecute,
  },
];
