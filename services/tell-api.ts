import type { ServiceBroker } from "moleculer";

/** Tells the web servers what has changed. Not while the bus is away: whoever watches looks for itself after seconds. */
export const tellApi = async (broker: ServiceBroker, event: string, changed: object): Promise<void> => {
  const link = broker.transit?.tx as { connected: boolean } | undefined;
  if (link?.connected !== false) await broker.broadcast(event, changed, { groups: ["api"] });
};
