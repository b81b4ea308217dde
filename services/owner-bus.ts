import type { ServiceBroker } from "moleculer";
import type { Bus } from "../bus";
import type { WorkerOrder } from "../core/messages";
import type { OwnerBacklog, OwnerBus } from "../coordinator/ports";

/** Live updates are for people: more often than this nobody sees. */
const ANNOUNCE_MS = 100;

type Announced = Parameters<OwnerBus["announce"]>[0];

/** The bus as an owner of shards uses it. */
export const ownerBus = (broker: ServiceBroker, bus: Bus): OwnerBus => {
  const log = broker.getLogger("coordinator");
  const orders = bus.fanout<WorkerOrder>("orders");
  const backlogs = bus.fanout<OwnerBacklog>("backlogs");
  // Transient on purpose: an order that is lost is given again, from the next beat that shows the need.
  const unheard = (error: Error): void => void log.debug(`A broadcast was not sent: ${error.message}`);
  const announce = announcements(broker);
  return {
    dispatch: async (actions, { queue, priority, bundle }) => {
      await Promise.all(
        actions.map((action) => broker.dispatch("executor.perform", action, { queue, priority, bundle })),
      );
    },
    send: (shard, item) => broker.dispatch("coordinator.receive", item, { key: shard }),
    openMailbox: (shard) => broker.mailbox("coordinator.receive").open(shard),
    closeMailbox: (shard, how) => broker.mailbox("coordinator.receive").close(shard, how),
    order: (order) => void orders.publish(order).catch(unheard),
    queueDepth: async (queue) => (await bus.queueDepth(queue)).messages,
    shareBacklog: (backlog) => void backlogs.publish(backlog).catch(unheard),
    announce,
  };
};

/** Broadcasts what has changed, the latest of each run, at most ten times a second. */
const announcements = (broker: ServiceBroker): ((runs: Announced) => void) => {
  const changed = new Map<string, Announced[number]>();
  const tell = (): void => {
    const runs = [...changed.values()];
    changed.clear();
    void broker.broadcast("runs.changed", { runs }, { groups: ["api"] });
  };
  return (runs) => {
    if (changed.size === 0) setTimeout(tell, ANNOUNCE_MS);
    for (const run of runs) changed.set(run.id, run);
  };
};
