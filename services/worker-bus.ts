import { randomUUID } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import type { Bus } from "../bus";
import type { Json } from "../core/json";
import type { WorkerBeat } from "../core/messages";
import type { ExecutorPorts, Values } from "../worker/ports";
import type { ListPage } from "../runtime/step-messages";

/** Nobody waits longer for the store than this; the executor asks again. */
const STORE_MS = 10_000;

/** The bus as an executor uses it: reports into mailboxes, beats to all owners. */
export const workerBus = (
  broker: ServiceBroker,
  bus: Bus,
): Pick<ExecutorPorts, "report" | "publishBeat" | "values"> => {
  const beats = bus.fanout<WorkerBeat>("beats");
  return {
    report: (shard, reports) => broker.dispatchAll("coordinator.receive", reports, { key: shard }),
    publishBeat: (beat) => beats.publish(beat),
    values: storedValues(broker),
  };
};

const storedValues = (broker: ServiceBroker): Values => ({
  store: async (value, { run, bytes }) => {
    const id = randomUUID();
    await broker.call("runs.storeValue", { id, run, value, size: bytes }, { timeout: STORE_MS });
    return id;
  },
  load: (ref) => broker.call<Json, { ref: string }>("runs.loadValue", { ref }, { timeout: STORE_MS }),
  loadListPage: (page) => broker.call<ListPage, typeof page>("runs.loadList", page, { timeout: STORE_MS }),
});
