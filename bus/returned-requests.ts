import { setTimeout as sleep } from "node:timers/promises";
import { type Context, Errors, type ServiceBroker } from "moleculer";

/** What of Moleculer its typings leave out. */
interface Endpoint {
  local: boolean;
  action: { handler(ctx: Context): Promise<unknown> };
}
interface Registry {
  nodes: { get(nodeID: string): { available: boolean; disconnected(unexpected: boolean): void } | undefined };
  unregisterServicesByNode(nodeID: string): void;
  getActionEndpoints(action: string): { next(ctx: Context): Endpoint | null } | null;
  getActionEndpointByNodeId(action: string, nodeID: string): Endpoint | null;
}
interface PendingRequest {
  nodeID: string;
  ctx: Context & { setEndpoint(endpoint: Endpoint): void };
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}
interface Transit {
  pendingRequests: Map<string, PendingRequest>;
  request(ctx: Context): Promise<unknown>;
}
type Internals = Omit<ServiceBroker, "registry"> & { registry: Registry; transit: Transit };

/** Somewhat longer than a node needs whose connection was cut: it may be the only one. */
const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;

/**
 * Goes on with a request that found no queue: its node has died or is cut off, long before its heartbeat is missed. It
 * has not begun there, so that another node may be asked whatever it does, or the same one once it is back.
 */
export const redirect = (broker: ServiceBroker, id: string): void => {
  const internals = broker as unknown as Internals;
  const request = internals.transit.pendingRequests.get(id);
  if (!request) return; // its caller waits no longer
  internals.transit.pendingRequests.delete(id);
  forget(internals, request.nodeID);
  void askAnother(internals, request).then(request.resolve, request.reject);
};

/** As when its heartbeat is missed, but what it has begun may still be answered: it may be cut off for a moment only. */
const forget = (broker: Internals, nodeID: string): void => {
  const node = broker.registry.nodes.get(nodeID);
  if (!node?.available) return;
  node.disconnected(true);
  broker.registry.unregisterServicesByNode(nodeID);
  void broker.broadcastLocal("$node.disconnected", { node, unexpected: true });
  broker.logger.warn(`Node "${nodeID}" takes no requests any more; others are asked until it is back.`);
};

const askAnother = async ({ registry, transit }: Internals, { ctx }: PendingRequest): Promise<unknown> => {
  const action = ctx.action!.name!;
  const { nodeID } = ctx.options as { nodeID?: string };
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const endpoint = nodeID
      ? registry.getActionEndpointByNodeId(action, nodeID)
      : registry.getActionEndpoints(action)?.next(ctx);
    if (endpoint) {
      ctx.setEndpoint(endpoint);
      // Of a remote one the middlewares have run already: this is the inside of its call.
      return endpoint.local ? endpoint.action.handler(ctx) : transit.request(ctx);
    }
    if (performance.now() > end) throw new Errors.ServiceNotAvailableError({ action, nodeID });
    await sleep(PAUSE_MS);
  }
};
