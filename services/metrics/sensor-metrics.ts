import { Counter, Histogram, type Registry } from "prom-client";
import type { Evaluate, TickStore } from "../../sensors/ports";

/** The sensors' store, with figures of ticks that were committed. */
export const measuredTickStore = (store: TickStore, registry: Registry): TickStore => {
  const ticks = new Counter({
    name: "dqueue_sensor_ticks_total",
    help: "Ticks of sensors by their end.",
    labelNames: ["sensor", "status"],
    registers: [registry],
  });
  const launched = new Counter({
    name: "dqueue_sensor_runs_launched_total",
    help: "Runs that sensors have launched.",
    labelNames: ["sensor"],
    registers: [registry],
  });
  return {
    ...store,
    commit: async (owner, tick) => {
      const result = await store.commit(owner, tick);
      if (!result) return result;
      const { sensor } = tick;
      // From its first tick on there, so that the first of a kind is a rise.
      for (const status of ["SUCCESS", "SKIPPED", "FAILURE"]) ticks.inc({ sensor, status }, 0);
      ticks.inc({ sensor, status: tick.end(result).status });
      launched.inc({ sensor }, result.runIds.length);
      return result;
    },
  };
};

/** Evaluates sensors and takes the time. */
export const timedEvaluate = (evaluate: Evaluate, registry: Registry): Evaluate => {
  const seconds = new Histogram({
    name: "dqueue_sensor_evaluation_duration_seconds",
    help: "Duration of the functions of sensors.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
    registers: [registry],
  });
  return async (...given) => {
    const end = seconds.startTimer();
    try {
      return await evaluate(...given);
    } finally {
      end();
    }
  };
};
