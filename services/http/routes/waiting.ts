import { runNotFound } from "../../../store/end-of-runs";
import type { Database } from "../../../store/database";
import { isUuid } from "../../../store/queries/paging";
import { readWaiting } from "../../../store/queries/waiting";
import { liveCoordinators } from "../../../store/shards";
import { ok, type Route } from "../route";
import { answers } from "./replies";

/** Why a run waits: `MAX_CONCURRENT_RUNS` is what this server was told, and all daemons need the same. */
export const waitingRoute = ({ db, maxConcurrentRuns }: { db: Database; maxConcurrentRuns: number }): Route => ({
  method: "GET",
  path: "/api/runs/:id/waiting",
  operation: "whyWaiting",
  tag: "runs",
  role: "viewer",
  summary: "Tells which rule keeps a queued run from starting, with its figures.",
  params: { id: "The run's id." },
  replies: { 200: answers("Waiting", "What it waits for.") },
  problems: ["RUN_NOT_FOUND"],
  handle: async ({ params }) => {
    const id = params.id!;
    const found = isUuid(id) ? await readWaiting(db, id) : null;
    if (!found) throw runNotFound(id);
    const { queued, ahead, going_on } = found;
    const daemons = queued ? (await liveCoordinators(db)).length : null;
    const rule = !queued
      ? null
      : daemons === 0
        ? "no_daemon"
        : going_on >= maxConcurrentRuns
          ? "max_concurrent_runs"
          : "its_turn";
    return ok({ rule, ahead: queued ? ahead : 0, going_on, max_concurrent_runs: maxConcurrentRuns });
  },
});
