import type { ServiceBroker } from "moleculer";
import type { Registry } from "prom-client";
import type { WorkerBeat } from "../../core/messages";
import type { StepPool } from "../../worker/step-pool";
import { readGauge } from "./read-gauge";

/** What the executor of this process has in hand. Over all workers, web servers tell the same. */
export const executorGauges = (broker: ServiceBroker, registry: Registry, pool: Pick<StepPool, "describe">): void => {
  const described = (): Promise<Omit<WorkerBeat, "seq">> => broker.call("executor.describe");
  readGauge(registry, {
    name: "dqueue_executor_slots",
    help: "Slots of this worker by what they do.",
    labelNames: ["state"],
    read: async () => {
      const { slots, busy } = await described();
      return [
        [{ state: "busy" }, busy],
        [{ state: "free" }, slots - busy],
      ];
    },
  });
  readGauge(registry, {
    name: "dqueue_executor_held_steps",
    help: "Steps that this worker has taken and not yet acknowledged.",
    read: async () => [[{}, (await described()).holds.length]],
  });
  readGauge(registry, {
    name: "dqueue_executor_processes",
    help: "Step processes of this worker by state.",
    labelNames: ["state"],
    read: () => {
      const states = new Map<string, number>();
      for (const { state } of pool.describe()) states.set(state, (states.get(state) ?? 0) + 1);
      return [...states].map(([state, count]) => [{ state }, count]);
    },
  });
};
