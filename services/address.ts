import { createServer } from "node:net";
import { DqueueError } from "../core/errors";

interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** What keeps a server from listening at an address, and which setting is to blame. */
export interface Obstacle {
  readonly setting: "HOST" | "PORT";
  readonly why: string;
  readonly todo: string;
}

const REASONS: Readonly<Record<string, Pick<Obstacle, "setting" | "why">>> = {
  EADDRINUSE: { setting: "PORT", why: "another process listens there" },
  EACCES: { setting: "PORT", why: "the system keeps that port for privileged processes" },
  EADDRNOTAVAIL: { setting: "HOST", why: "this machine does not have that address" },
  ENOTFOUND: { setting: "HOST", why: "it is no address, and no host of that name is known" },
  EAI_AGAIN: { setting: "HOST", why: "it is no address, and its name could not be looked up" },
};

const TODO = {
  HOST: "Set HOST to an address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 for all that reach it.",
  PORT: "Set PORT to another one (0 takes any that is free), or HOST.",
} as const;

/** Who listens, by the setting of its port. */
const LISTENERS = {
  PORT: { name: "The web server", todo: TODO.PORT },
  METRICS_PORT: {
    name: "The listener of figures and health",
    todo: "Set METRICS_PORT to another one (0: it does not listen), or HOST.",
  },
} as const;

/** Why nothing can listen there now; null: it can. */
export const obstacleAt = async ({ host, port }: Address): Promise<Obstacle | null> => {
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  if (failure === null) return null;
  // Whatever else there is concerns the kind of address.
  const { setting, why } = REASONS[failure.code ?? ""] ?? { setting: "HOST" as const, why: failure.message };
  return { setting, why, todo: TODO[setting] };
};

/**
 * moleculer-web only logs that it cannot listen, and never ends its start. Fails with PORT_UNUSABLE or SETTING_INVALID.
 * @param portSetting of whom the port is.
 */
export const refuseUnusableAddress = async (
  { host, port }: Address,
  portSetting: keyof typeof LISTENERS = "PORT",
): Promise<void> => {
  const obstacle = await obstacleAt({ host, port });
  if (obstacle === null) return;
  const { setting, why, todo } = obstacle;
  const listener = LISTENERS[portSetting];
  if (setting === "PORT") {
    const message = `${listener.name} cannot listen on ${host}:${port}: ${why}. ${listener.todo}`;
    throw new DqueueError("PORT_UNUSABLE", message, { setting: portSetting });
  }
  const message = `HOST is "${host}": ${listener.name.toLowerCase()} cannot listen there: ${why}. ${todo}`;
  throw new DqueueError("SETTING_INVALID", message, { setting });
};
