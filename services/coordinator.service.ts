import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import type { Bus } from "../bus";
import { Owner } from "../coordinator/owner";
import type { Clock, OwnerBacklog, OwnerStore } from "../coordinator/ports";
import type { MailboxItem, WorkerBeat } from "../core/messages";
import { heardBacklogs, heardBeats } from "./heard";
import { ownerBus } from "./owner-bus";
import { isMailboxItem, sieve } from "./well-formed";
import { toWire } from "./wire-errors";

export interface CoordinatorNeeds {
  readonly store: OwnerStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly maxConcurrentRuns: number;
  readonly cancelGraceMs: number;
  /** True embedded: this process alone holds queues and workers. */
  readonly alone: boolean;
}

/** Owns the run actors of its shards: applies reports, commits decisions in groups, dispatches what they order. */
export const coordinatorService = (broker: ServiceBroker, needs: CoordinatorNeeds): ServiceSchema => {
  const { bus, maxConcurrentRuns, cancelGraceMs, alone } = needs;
  const ownersBus = ownerBus(broker, bus);
  const log = broker.getLogger("coordinator");
  const owner = new Owner({
    store: needs.store,
    clock: needs.clock,
    bus: ownersBus,
    log,
    options: { owner: broker.nodeID, maxConcurrentRuns, cancelGraceMs, alone },
  });
  const itemsOf = sieve(isMailboxItem, "mailbox items", log);
  const unsubscribe: (() => void)[] = [];

  return {
    name: "coordinator",

    actions: {
      /** The mailbox of a shard. Resolved, and so acknowledged, once what it caused is committed and dispatched. */
      receive: {
        durable: { key: "shard" },
        handler: (ctx: Context<MailboxItem[]>) => owner.receive(Number(ctx.options.delivery!.key), itemsOf(ctx.params)),
      },

      /** The shards that this node owns, with their epochs and live runs. */
      owned: () => owner.describe(),

      /** Gives a shard to a coordinator, without `to` to the one that holds the fewest. */
      handOver: {
        params: { shard: { type: "number", integer: true }, to: { type: "string", optional: true } },
        handler: async (ctx: Context<{ shard: number; to?: string }>) => ({
          to: await owner.handOver(ctx.params.shard, ctx.params.to ?? null),
        }),
      },
    },

    hooks: { error: { handOver: (_ctx: Context, error: Error) => Promise.reject(toWire(error)) } },

    async started() {
      unsubscribe.push(await bus.fanout<WorkerBeat>("beats").subscribe(heardBeats((beat) => owner.heardWorker(beat))));
      unsubscribe.push(
        await bus.fanout<OwnerBacklog>("backlogs").subscribe(heardBacklogs((backlog) => owner.heardOwner(backlog))),
      );
      await owner.start();
    },

    async stopped() {
      await owner.stop();
      await ownersBus.flush();
      for (const end of unsubscribe) end();
    },
  };
};
