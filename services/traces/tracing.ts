import type { Middleware, ServiceBroker } from "moleculer";
import type { OpenTraces } from "./export";

/** Says in the node's log how sending fares, and sends what is left once all its services have stopped. */
export const tracing = (traces: OpenTraces | null): Middleware =>
  ({
    name: "Tracing",
    created: (broker: ServiceBroker) => traces?.sayTo(broker.getLogger("traces")),
    stopped: () => traces?.close(),
  }) as unknown as Middleware;
