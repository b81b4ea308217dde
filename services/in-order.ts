import type { Middleware, ServiceBroker } from "moleculer";
import { DqueueError } from "../core/errors";
import { refuseUnusableAddress } from "./address";
import type { Ground } from "./ground";
import { within } from "./in-time";

/** What a stop leaves for the turn in hand of a start. One that hangs longer, such as on a database, is not waited for. */
const TURN_MS = 2_000;

/**
 * Where Moleculer starts and stops the services of a process all at once, some must wait for others. And where it begins
 * a stop in the middle of a start, which goes on meanwhile, the start is broken off first.
 * @param late what is to start once all actions of this node can be called.
 */
export const inOrder = (ground: Ground, late: readonly (() => Promise<void>)[]): Middleware => {
  let starting: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | null = null;
  /** Until RabbitMQ answers nothing has begun, and nobody can tell how long that takes. */
  let connecting = false;

  const goOn = (): void => {
    if (stopping) throw new DqueueError("START_BROKEN_OFF", "A stop came before the start was done.");
  };
  const breakOff = async (): Promise<void> => {
    if (!connecting) await within(TURN_MS, starting);
  };

  return {
    name: "InOrder",
    created: (broker: ServiceBroker) => {
      const [start, stop] = [broker.start.bind(broker), broker.stop.bind(broker)];
      broker.start = () => {
        starting = start();
        // One that was broken off has not failed: nobody is to be told but by the stop.
        return starting.catch((error: unknown) => stopping ?? Promise.reject(error));
      };
      broker.stop = () => (stopping ??= breakOff().then(stop));
    },
    starting: async () => {
      if (ground.roles.includes("webserver")) await refuseUnusableAddress(ground.settings);
      connecting = ground.bus.transporter !== null;
    },
    serviceStarting: async () => void (connecting = false),
    started: async (broker: ServiceBroker) => {
      for (const start of late) {
        goOn();
        await start();
      }
      goOn();
      await announce(broker);
      goOn();
    },
    // The executor reports to an owner that may be in this process.
    stopping: async (broker: ServiceBroker) => {
      for (const name of ["sensors", "executor"]) {
        const service = broker.getLocalService(name);
        if (service) await broker.destroyService(service);
      }
    },
    // The first in the list is the last to hear it: nothing asks the database any more.
    stopped: () => ground.close(),
  } as unknown as Middleware;
};

/** Who has started is known to the others then, not a second later as Moleculer, which gathers changes, would have it. */
const announce = async ({ registry }: ServiceBroker): Promise<void> => {
  const { discoverer } = registry as unknown as { discoverer: { sendLocalNodeInfo(): Promise<void> } };
  await discoverer.sendLocalNodeInfo();
};
