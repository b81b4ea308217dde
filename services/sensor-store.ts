import { findJobs } from "../store/catalog";
import { checkConfig } from "../store/check-config";
import type { Database } from "../store/database";
import { endedRuns, latestRuns } from "../store/ended-runs";
import { claimSensors, commitTick, knownRunKeys, releaseLeases, renewLeases } from "../store/sensor-ticks";
import type { LaunchableJob, TickStore } from "../sensors/ports";

/** The sensors' tables and the catalog, as the sensors' loop asks for them. */
export const tickStore = (db: Database): TickStore => ({
  claim: (owner, names, limit, leaseMs) => claimSensors(db, { owner, names, limit, leaseMs }),
  renew: (owner, names, leaseMs) => renewLeases(db, owner, names, leaseMs),
  release: (owner, names) => releaseLeases(db, owner, names),
  latestRuns: (jobs) => latestRuns(db, jobs),
  launchableJobs: (names) => launchableJobs(db, names),
  endedRuns: (definition, cursor, limit) => endedRuns(db, definition, cursor, limit),
  commit: (owner, tick) => commitTick(db, owner, tick),
  knownRunKeys: (sensor, keys) => knownRunKeys(db, sensor, keys),
});

const launchableJobs = async (db: Database, names: readonly string[]): Promise<Map<string, LaunchableJob>> => {
  const found = new Map<string, LaunchableJob>();
  for (const { name, graphId, codeVersion, graph } of (await findJobs(db, names)).values()) {
    const { tags, defaultConfig } = graph;
    const check: LaunchableJob["checkConfig"] = (config) => checkConfig(graph, config);
    found.set(name, { name, graphId, codeVersion, tags, defaultConfig, checkConfig: check });
  }
  return found;
};
