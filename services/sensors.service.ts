import { randomUUID } from "node:crypto";
import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import { runHasEnded, type RunStatus } from "../core/status";
import { SensorLoop } from "../sensors/loop";
import type { Evaluate, TickStore } from "../sensors/ports";
import type { Database } from "../store/database";
import { wakeRunStatusSensors } from "../store/instigators";
import { releaseAllLeases } from "../store/sensor-ticks";
import { EndedRunsWatch } from "./ended-runs-watch";
import { sensorActions } from "./sensor-actions";
import { Announcements } from "./sensor-announcements";
import { tickStore } from "./sensor-store";
import { toWire } from "./wire-errors";

export interface SensorsNeeds {
  readonly db: Database;
  /** The sensors' tables, if not simply those of `db`. */
  readonly store?: TickStore;
  /** Runs a sensor's function in a child process of this daemon. */
  readonly evaluate: Evaluate;
  /** The sensors of this daemon's code location as it is loaded now. */
  readonly sensorNames: () => readonly string[];
  /** Evaluations at the same time in this daemon. */
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  /** How long another daemon waits for this one's sensors after it died. */
  readonly leaseMs?: number;
}

type RunsChanged = Context<{ runs: { id: string; job: string; status: RunStatus; seq: number }[] }>;

/** Evaluates the sensors that are due and answers, on any daemon, for all of them. */
export const sensorsService = (broker: ServiceBroker, needs: SensorsNeeds): ServiceSchema => {
  const { db, store = tickStore(needs.db) } = needs;
  const log = broker.getLogger("sensors");
  const announcements = new Announcements(broker, log);
  const loop = new SensorLoop({
    ...needs,
    store,
    log,
    owner: `${broker.nodeID}/${randomUUID()}`,
    ticked: (sensor, { runIds }) => announcements.ticked(sensor, runIds.length > 0),
  });
  const watch = new EndedRunsWatch(async (statuses) => {
    if (await wakeRunStatusSensors(db, statuses)) loop.wake();
  }, log);
  const changed = (name: string): void => {
    announcements.ticked(name, false);
    loop.wake();
  };

  return {
    name: "sensors",
    hooks: { error: { "*": (_ctx: Context, error: Error) => Promise.reject(toWire(error)) } },

    actions: sensorActions({ ...needs, store, changed }),

    events: {
      // Broadcast for the API's live updates; a run that ends makes who watches runs due at once.
      "runs.changed": {
        group: "api",
        handler: (ctx: RunsChanged) => {
          const ended = ctx.params.runs.map(({ status }) => status).filter(runHasEnded);
          if (ended.length > 0) watch.ended(ended);
        },
      },
    },

    async started() {
      // Embedded, this process alone uses the database: whoever held a lease is gone.
      if (db.embedded) await releaseAllLeases(db);
      loop.start();
    },
    async stopped() {
      await watch.stop();
      await loop.stop();
      await announcements.settled();
    },
  };
};
