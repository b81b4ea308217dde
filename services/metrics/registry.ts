import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Database } from "../../store/database";
import { packageVersion } from "../version";
import { readGauge } from "./read-gauge";

/** Gauges with the suffix of a counter. Their sums are in `nodejs_active_handles` and its like. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Where a process keeps its figures, with those that every role has: of Node, of its build, of its connections. */
export const processRegistry = (roles: readonly string[], db: Pick<Database, "connections">): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: "dqueue_build_info",
    help: "1, with the version of dqueue and the roles of this process.",
    labelNames: ["version", "roles"],
    registers: [registry],
  }).set({ version: packageVersion(), roles: roles.join(",") }, 1);
  readGauge(registry, {
    name: "dqueue_postgres_pool_connections",
    help: "Connections of this process to PostgreSQL by state, and statements that wait for one.",
    labelNames: ["state"],
    read: () => Object.entries(db.connections()).map(([state, count]) => [{ state }, count]),
  });
  return registry;
};
