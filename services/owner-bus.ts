import type { ServiceBroker } from "moleculer";
import type { Bus } from "../bus";
import type { WorkerOrder } from "../core/messages";
import type { OwnerBacklog, OwnerBus } from "../coordinator/ports";
import { tellApi } from "./tell-api";

/** Live updates are for people: more often than this nobody sees. */
const ANNOUNCE_MS = 100;

type Announced = Parameters<OwnerBus["announce"]>[0];

/** `flush`: what was announced is told at once, before the broker stops. */
export const ownerBus = (broker: ServiceBroker, bus: Bus): OwnerBus & { flush(): Promise<void> } => {
  const log = broker.getLogger("coordinator");
  const orders = bus.fanout<WorkerOrder>("orders");
  const backlogs = bus.fanout<OwnerBacklog>("backlogs");
  // Transient on purpose: an order that is lost is given again, from the next beat that shows the need.
  const unheard = (error: Error): void => void log.debug(`A broadcast was not sent: ${error.message}`);
  return {
    dispatch: (actions, to) => broker.dispatchAll("executor.perform", actions, to),
    send: (shard, item) => broker.dispatch("coordinator.receive", item, { key: shard }),
    openMailbox: (shard) => broker.mailbox("coordinator.receive").open(shard),
    closeMailbox: (shard, how) => broker.mailbox("coordinator.receive").close(shard, how),
    order: (order) => void orders.publish(order).catch(unheard),
    queueDepth: async (queue) => (await bus.queueDepth(queue)).messages,
    shareBacklog: (backlog) => void backlogs.publish(backlog).catch(unheard),
    ...announcements(broker),
  };
};

/** Broadcasts what has changed, the latest of each run, at most ten times a second. */
const announcements = (broker: ServiceBroker) => {
  const changed = new Map<string, Announced[number]>();
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    const runs = [...changed.values()];
    changed.clear();
    if (runs.length > 0) await tellApi(broker, "runs.changed", { runs });
  };
  const announce = (runs: Announced): void => {
    if (changed.size === 0) timer = setTimeout(() => void flush(), ANNOUNCE_MS);
    for (const run of runs) changed.set(run.id, run);
  };
  return { announce, flush };
};
