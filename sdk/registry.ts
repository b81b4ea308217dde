import type { GraphSnapshot, SensorDefinition } from "../core/graph";
import { hasBrand } from "./brand";
import type { JobDefinition } from "./job";
import type { IoManager } from "./io-manager";
import type { OpDefinition } from "./op";
import type { SensorObject } from "./sensor";

/** What a code location defines. */
export interface Definitions {
  readonly jobs: ReadonlyMap<string, JobDefinition>;
  readonly sensors: ReadonlyMap<string, SensorObject>;
  readonly ioManagers: ReadonlyMap<string, IoManager>;
  /** Each a sentence for the author: two of one name, a sensor of a job that is not there. What they name is left out. */
  readonly problems: readonly string[];
}

/** Nesting of arrays and records that is looked into. */
const MAX_DEPTH = 4;

/**
 * Finds the jobs and sensors among the exports of a code location: named exports, and those in exported arrays, maps
 * and records. Objects of a second copy of dqueue are found too.
 */
export const collectDefinitions = (moduleExports: unknown): Definitions => {
  const found = new Set<object>();
  walk(moduleExports, found, new Set(), 0);
  const problems: string[] = [];
  const jobs = byName([...found].filter((one) => hasBrand("job", one)) as JobDefinition[], "jobs", problems);
  const sensors = byName([...found].filter((one) => hasBrand("sensor", one)) as SensorObject[], "sensors", problems);
  for (const { name, definition } of sensors.values())
    for (const job of [...definition.jobs, ...definition.monitoredJobs])
      if (!jobs.has(job)) {
        problems.push(
          `The sensor "${name}" names the job "${job}", which the code location does not export. Export it, or correct the name.`,
        );
        sensors.delete(name);
      }
  return { jobs, sensors, ioManagers: ioManagersOf(jobs.values(), problems), problems };
};

/** The catalog of a code location, without its version. */
export const catalogOf = ({ jobs, sensors }: Definitions): { jobs: GraphSnapshot[]; sensors: SensorDefinition[] } => ({
  jobs: [...jobs.values()].map((one) => one.snapshot),
  sensors: [...sensors.values()].map((one) => one.definition),
});

const walk = (value: unknown, found: Set<object>, seen: Set<object>, depth: number): void => {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (hasBrand("job", value) || hasBrand("sensor", value)) return void found.add(value);
  if (depth > MAX_DEPTH || !isContainer(value)) return;
  const inside = value instanceof Map || value instanceof Set ? [...value.values()] : safeValues(value);
  for (const one of inside) walk(one, found, seen, depth + 1);
};

// Records, arrays and module namespaces; instances of an author's classes are not ours to look into.
const isContainer = (value: object): boolean => {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const safeValues = (value: object): unknown[] =>
  Object.keys(value).map((key) => {
    try {
      return (value as Record<string, unknown>)[key];
    } catch {
      return undefined; // A getter of the author's that throws.
    }
  });

const byName = <T extends { name: string }>(list: readonly T[], kind: string, problems: string[]): Map<string, T> => {
  const names = new Map<string, T>();
  const doubled = new Set<string>();
  for (const one of list) {
    if (names.has(one.name)) doubled.add(one.name);
    else names.set(one.name, one);
  }
  for (const name of doubled) {
    problems.push(`Two ${kind} have the name "${name}". Rename one of them.`);
    names.delete(name);
  }
  return names;
};

const ioManagersOf = (jobs: Iterable<JobDefinition>, problems: string[]): Map<string, IoManager> => {
  const managers = new Map<string, IoManager>();
  const ops: OpDefinition[] = [...jobs].flatMap((one) => [...one.ops.values()]);
  for (const { ioManager } of ops) {
    if (!ioManager) continue;
    const known = managers.get(ioManager.name);
    if (known && known !== ioManager)
      problems.push(
        `Two IO managers have the name "${ioManager.name}", so values cannot be found again. Rename one of them.`,
      );
    managers.set(ioManager.name, ioManager);
  }
  return managers;
};
