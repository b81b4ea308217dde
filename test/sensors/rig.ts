import type { GraphSnapshot, SensorDefinition } from "../../core/graph";
import type { SensorAnswer, SensorContext } from "../../core/sensing";
import type { RunStatus } from "../../core/status";
import type { Launched } from "../../core/ticks";
import { SensorLoop, type LoopNeeds } from "../../sensors/loop";
import { tickStore } from "../../services/sensor-store";
import { publishJobs } from "../../store/catalog";
import type { Database, Queryable } from "../../store/database";
import { getSensor, listTicks, publishSensors, type TickRow } from "../../store/instigators";
import { untilSettled } from "../store/world";

/** What stands in for a sensor's function in its process. */
export type SensorFunction = (
  context: SensorContext,
  signal: AbortSignal,
) => Partial<SensorAnswer> | Promise<Partial<SensorAnswer>>;

export const sensorDefinition = (name: string, more: Partial<SensorDefinition> = {}): SensorDefinition => ({
  name,
  kind: "sensor",
  jobs: ["demo"],
  description: null,
  minimumIntervalSeconds: 0.05,
  defaultStatus: "RUNNING",
  runStatuses: [],
  monitoredJobs: [],
  ...more,
});

const graphOf = (job: string): GraphSnapshot => ({
  version: 1,
  job,
  description: null,
  tags: {},
  nodes: [],
  configSchema: { type: "object", properties: { n: { type: "integer" } }, additionalProperties: false },
  defaultConfig: null,
  hooks: { onSuccess: false, onFailure: false },
});

/** Publishes jobs by name: each takes `{ n?: integer }`. */
export const publish = async (db: Database, sensors: SensorDefinition[], jobs = ["demo"], codeVersion = "v1") => {
  await publishJobs(db, { codeVersion, jobs: jobs.map(graphOf) });
  await publishSensors(db, { codeVersion, sensors });
};

/** Something that happens again and again: `until(n)` resolves once it has happened n times in all. */
export class Times<Item = void> {
  readonly items: Item[] = [];
  private readonly waiters: { count: number; resolve: () => void }[] = [];

  add(item: Item): void {
    this.items.push(item);
    for (const { count, resolve } of this.waiters) if (this.items.length >= count) resolve();
  }
  async until(count: number): Promise<Item[]> {
    if (this.items.length < count) await new Promise<void>((resolve) => this.waiters.push({ count, resolve }));
    return this.items;
  }
}

export interface Daemon {
  readonly loop: SensorLoop;
  readonly ticks: Times<{ sensor: string } & Launched>;
  /** Resolves once this many more ticks were committed. */
  more(count: number): Promise<void>;
}

let started = 0;
const running = new Set<SensorLoop>();
const warnings: string[] = [];

/** A daemon's loop over the sensors given, on the real store. */
export const daemon = (
  db: Database,
  functions: Record<string, SensorFunction>,
  needs: Partial<LoopNeeds> = {},
): Daemon => {
  const ticks = new Times<{ sensor: string } & Launched>();
  const loop = new SensorLoop({
    store: tickStore(db),
    evaluate: async (name, context, { signal }) => ({
      runRequests: [],
      skipReason: null,
      ...(await functions[name]!(context, signal)),
    }),
    sensorNames: () => Object.keys(functions),
    owner: `daemon-${++started}`,
    log: { info: () => {}, warn: (line) => warnings.push(line) },
    ticked: (sensor, launched) => ticks.add({ sensor, ...launched }),
    ...needs,
  });
  running.add(loop);
  loop.start();
  return { loop, ticks, more: async (count) => void (await ticks.until(ticks.items.length + count)) };
};

/** To be called after each test: no loop outlives it, and none had anything to complain of. */
export const stopDaemons = async (): Promise<void> => {
  for (const loop of running) await loop.stop();
  running.clear();
  expect(warnings.splice(0)).toEqual([]);
};

export const emptyTables = (db: Database) =>
  db.query("truncate instigators, ticks, run_keys, runs, event_batches, jobs, code_versions, grants");

export const ticksOf = async (db: Database, name: string): Promise<TickRow[]> =>
  (await listTicks(db, { name, limit: 1000 })).items.reverse();
export const cursorOf = async (db: Database, name: string): Promise<string | null> =>
  (await getSensor(db, name)).cursor;

export interface RunRow {
  id: string;
  job: string;
  status: RunStatus;
  run_key: string | null;
  config: { n?: number };
  tags: Record<string, string>;
}
export const runsOf = async (db: Database): Promise<RunRow[]> =>
  (await db.query<RunRow & { [key: string]: unknown }>("select * from runs order by created_at, id")).rows;

/** Writes the end of runs as their owner does. */
export const writeEnds = (db: Queryable, ids: string[], status: RunStatus = "SUCCESS") =>
  db.query(
    `update runs set status = $2, ended_at = clock_timestamp(), changed = pg_current_xact_id(),
       failure_reason = case when $2 = 'FAILURE' then 'STEP_FAILURE' end
     where id = any($1::uuid[])`,
    [ids, status],
  );

/**
 * Ends runs. Resolves once sensors may be told of it: not while a transaction is open that is older,
 * be it of another test's database on the same server.
 */
export const endRuns = async (db: Database, ids: string[], status: RunStatus = "SUCCESS"): Promise<void> => {
  await writeEnds(db, ids, status);
  await untilSettled(db);
};
