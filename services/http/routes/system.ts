import type { Registry } from "prom-client";
import type { Database } from "../../../store/database";
import { checkReadiness } from "../../readiness";
import { ok, type Route } from "../route";
import { ref } from "../schemas/common";
import type { Streams } from "../stream";
import { answers } from "./replies";

interface Needs {
  readonly db: Database;
  readonly busProblems: () => string[];
  readonly registry: Registry;
  readonly streams: Streams;
  readonly version: string;
}

/** Of the node itself: its health, its figures, its live stream. */
export const systemRoutes = ({ db, busProblems, registry, streams, version }: Needs): Route[] => [
  healthRoute({ db, version }, "/api/health", "health"),
  readyRoute({ db, busProblems }, "/api/ready", "ready"),
  // As every other role has them at its METRICS_PORT.
  healthRoute({ db, version }, "/health/live", "live"),
  readyRoute({ db, busProblems }, "/health/ready", "healthReady"),
  {
    method: "GET",
    path: "/api/stream",
    operation: "stream",
    tag: "system",
    role: "viewer",
    summary: "Streams what changes, as server-sent events.",
    description:
      "Topics: `runs` (event `run`: a run whose status changed), `run:<id>` (event `run_event`: the run's events, from " +
      "the first on) and `ticks` (event `tick`, and `sensor`: one that was started or stopped); the first event, `open`, tells where it begins. An event's id says of each topic how far the reader is: with it as " +
      "`Last-Event-ID` (or `last_event_id`) a stream goes on where another broke off.",
    query: {
      topics: { type: "string", minLength: 1, maxLength: 2000, description: "Up to 20, separated by commas." },
      last_event_id: { type: "string", maxLength: 4000, description: "For clients that cannot set the header." },
    },
    headers: { "Last-Event-ID": { type: "string" } },
    replies: { 200: { description: "The stream.", schema: null, type: "text/event-stream" } },
    problems: ["RUN_NOT_FOUND"],
    handle: async ({ query, headers, raw, stillAllowed }) => {
      const { topics = "runs", last_event_id } = query as { topics?: string; last_event_id?: string };
      const header = headers["last-event-id"];
      const from = last_event_id ?? (typeof header === "string" ? header : undefined);
      await streams.add(raw.response, topics, from, stillAllowed);
      return null;
    },
  },
  {
    method: "GET",
    path: "/metrics",
    operation: "metrics",
    tag: "system",
    role: "viewer",
    summary: "Figures in Prometheus' text format.",
    replies: { 200: { description: "The figures.", schema: null, type: "text/plain" } },
    handle: async () => ({ status: 200, body: await registry.metrics(), type: registry.contentType }),
  },
];

const readyRoute = (needs: Pick<Needs, "db" | "busProblems">, path: string, operation: string): Route => ({
  method: "GET",
  path,
  operation,
  tag: "system",
  role: "public",
  summary: "Says whether the node can serve: database, migrations, broker, and the queues of its workers.",
  replies: {
    200: answers("Readiness", "It can."),
    503: { description: "It cannot; the checks say why.", schema: ref("Readiness") },
  },
  handle: async () => {
    const { ready, checks } = await checkReadiness(needs);
    return { status: ready ? 200 : 503, body: { status: ready ? "ready" : "not_ready", checks } };
  },
});

const healthRoute = ({ db, version }: Pick<Needs, "db" | "version">, path: string, operation: string): Route => ({
  method: "GET",
  path,
  operation,
  tag: "system",
  role: "public",
  summary: "Says that the process lives, and that a new start is not what it needs.",
  replies: {
    200: answers("Health", "It lives."),
    503: { description: "Only a new start helps; the problem says why.", schema: ref("Health") },
  },
  handle: () => {
    const failure = db.failure();
    if (failure) return { status: 503, body: { status: "failed", version, problem: failure.message } };
    return ok({ status: "ok", version });
  },
});
