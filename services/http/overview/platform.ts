import type { ServiceBroker } from "moleculer";
import type { Database } from "../../../store/database";
import { listCoordinators } from "../../../store/queries/cluster";
import type { SensorOutlook } from "../../../store/queries/sensor-outlook";
import { readShards } from "../../../store/shards";
import { checkReadiness } from "../../readiness";
import type { LostWorkerItem } from "../lost-workers";
import type { Workers } from "../workers";

interface Needs {
  readonly db: Database;
  readonly broker: ServiceBroker;
  readonly workers: Workers;
  readonly lostWorkers: () => Promise<LostWorkerItem[]>;
  readonly busProblems: () => string[];
  readonly queueDepth: (queue: string) => Promise<{ messages: number }>;
}

/** Whether what runs runs are there, and how soon database and broker answer. */
export interface Platform {
  coordinators: { live: number; known: number; shards: number; shards_without_owner: number };
  sensors: { nodes: number; running: number; stopped: number; failing: number };
  workers: { live: number; slots: number; busy: number; draining: number; lost: LostWorkerItem[] };
  /** `latency_ms` null: no answer. */
  broker: { latency_ms: number | null; problems: string[] };
  database: { latency_ms: number | null; problems: string[] };
  /** What is wrong with any of it, a sentence each, the worst first. */
  problems: string[];
}

const timed = async (ask: () => Promise<unknown>): Promise<number | null> => {
  const start = performance.now();
  return ask().then(
    () => Math.round((performance.now() - start) * 100) / 100,
    () => null,
  );
};

export const readPlatform = async (
  { db, broker, workers, lostWorkers, busProblems, queueDepth }: Needs,
  sensors: readonly SensorOutlook[],
): Promise<Platform> => {
  const { checks } = await checkReadiness({ db, busProblems });
  const problemsOf = (...names: string[]): string[] =>
    checks.filter(({ name }) => names.includes(name)).flatMap(({ problems }) => problems);
  const live = workers.list();
  const coordinators = await listCoordinators(db);
  const alive = new Set(coordinators.filter((one) => one.live).map(({ id }) => id));
  const shards = await readShards(db);
  const orphans = shards.filter(({ owner }) => owner === null || !alive.has(owner)).length;
  const nodes = nodesWith(broker, "sensors");
  const platform = {
    coordinators: {
      live: alive.size,
      known: coordinators.length,
      shards: shards.length,
      shards_without_owner: orphans,
    },
    sensors: {
      nodes,
      running: sensors.filter(({ status }) => status === "RUNNING").length,
      stopped: sensors.filter(({ status }) => status === "STOPPED").length,
      failing: sensors.filter(({ failing_since }) => failing_since !== null).length,
    },
    workers: {
      live: live.length,
      slots: live.reduce((sum, { slots }) => sum + slots, 0),
      busy: live.reduce((sum, { busy }) => sum + busy, 0),
      draining: live.filter(({ draining }) => draining).length,
      lost: await lostWorkers(),
    },
    broker: { latency_ms: await timed(() => queueDepth("default")), problems: problemsOf("broker") },
    database: {
      latency_ms: await timed(() => db.query("select 1")),
      problems: problemsOf("database", "migrations"),
    },
  };
  return { ...platform, problems: [...checks.flatMap(({ problems }) => problems), ...lacks(platform)] };
};

/** Processes of this namespace that have a service, as far as this one hears of them. */
const nodesWith = (broker: ServiceBroker, service: string): number =>
  new Set(
    (broker.registry.getServiceList({ onlyAvailable: true }) as unknown as { name: string; nodeID: string }[])
      .filter(({ name }) => name === service)
      .map(({ nodeID }) => nodeID),
  ).size;

const lacks = ({ coordinators, sensors, workers }: Omit<Platform, "problems" | "broker" | "database">): string[] => [
  ...(coordinators.live === 0 ? ["No coordinator lives: runs do not go on. Start a daemon."] : []),
  ...(coordinators.live > 0 && coordinators.shards_without_owner > 0
    ? [`${coordinators.shards_without_owner} of ${coordinators.shards} shards have no live owner: their runs wait.`]
    : []),
  ...(workers.live === 0 ? ["No worker lives: steps do not run. Start a worker."] : []),
  ...(sensors.running > 0 && sensors.nodes === 0 ? ["No daemon evaluates sensors: they launch nothing."] : []),
];
