import type { ServiceBroker } from "moleculer";
import type { Database } from "../../../store/database";
import { listCoordinators } from "../../../store/queries/cluster";
import type { LostWorkerItem } from "../lost-workers";
import { type QueueItem, queueFlowReader } from "../queues";
import { deploymentReader } from "../deployment";
import { storageReader } from "../storage";
import type { Retention } from "../../upkeep-work";
import { ok, type Route } from "../route";
import type { Workers } from "../workers";
import { answers, answersPage } from "./replies";

interface Needs {
  readonly db: Database;
  readonly broker: ServiceBroker;
  readonly workers: Workers;
  readonly lostWorkers: () => Promise<LostWorkerItem[]>;
  readonly retention: Retention;
  readonly queues: () => Promise<QueueItem[]>;
}

/** All of them at once: there are as many as processes. */
const whole = <T>(items: T[]) => ok({ items, next_cursor: null });

/** Who and what the system consists of now. */
export const clusterRoutes = ({ db, broker, retention, workers, lostWorkers, queues }: Needs): Route[] => {
  const deployment = deploymentReader(db, broker);
  const flow = queueFlowReader(db, queues);
  return [
    {
      method: "GET",
      path: "/api/deployment",
      operation: "deployment",
      tag: "cluster",
      role: "viewer",
      summary:
        "Shows the processes with their roles and settings, the shards with their owners, migrations, and the size of each table.",
      replies: { 200: answers("Deployment", "The deployment.") },
      handle: async () => ok(await deployment()),
    },
    storageRoute(db, retention),
    {
      method: "GET",
      path: "/api/workers",
      operation: "listWorkers",
      tag: "cluster",
      role: "viewer",
      summary: "Lists the workers that live, by their beats of the last seconds.",
      replies: { 200: answersPage("Worker", "All workers.") },
      handle: () => whole(workers.list()),
    },
    {
      method: "GET",
      path: "/api/workers/lost",
      operation: "listLostWorkers",
      tag: "cluster",
      role: "viewer",
      summary: "Lists the workers that vanished, until ten minutes after their steps were settled.",
      replies: { 200: answersPage("LostWorker", "All of them that this server had heard.") },
      handle: async () => whole(await lostWorkers()),
    },
    {
      method: "GET",
      path: "/api/queues",
      operation: "listQueues",
      tag: "cluster",
      role: "viewer",
      summary: "Lists the step queues that have open steps or workers.",
      replies: { 200: answersPage("Queue", "All queues.") },
      handle: async () => whole(await flow()),
    },
    {
      method: "GET",
      path: "/api/coordinators",
      operation: "listCoordinators",
      tag: "cluster",
      role: "viewer",
      summary: "Lists the coordinators and their shards of the runs.",
      replies: { 200: answersPage("Coordinator", "All coordinators.") },
      handle: async () => whole(await listCoordinators(db)),
    },
  ];
};

const storageRoute = (db: Database, retention: Retention): Route => {
  const storage = storageReader(db, retention);
  return {
    method: "GET",
    path: "/api/storage",
    operation: "storage",
    tag: "cluster",
    role: "viewer",
    summary: "Shows what runs take in the database by job and by day, and how long they are kept.",
    replies: { 200: answers("Storage", "What they take.") },
    handle: async () => ok(await storage()),
  };
};
