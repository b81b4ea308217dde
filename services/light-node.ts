import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import { type Middleware, ServiceBroker } from "moleculer";
import { createBus } from "../bus";
import { DqueueError } from "../core/errors";
import { NodeLogger } from "./node-logger";
import { secretsKnownTo, type Settings } from "./settings";

/** Of a call: whoever sits at a prompt waits no longer. */
const CALL_TIMEOUT_MS = 10_000;

/**
 * A node that joins the running processes of its namespace to look at them: without services, database or code. It logs
 * to stderr, warnings at least. Throws a DqueueError, SETTING_MISSING, where there is no bus to meet on.
 * @param middleware what limits it.
 */
export const lightNode = (settings: Settings, middleware: Middleware): ServiceBroker => {
  const { amqpUrl, namespace, queueType, logLevel } = settings;
  if (amqpUrl === null)
    throw new DqueueError(
      "SETTING_MISSING",
      "Joining the running processes needs AMQP_URL, by which they meet. A `dqueue dev` without it is one process that " +
        "nobody can join: the other commands ask it by its API.",
      { setting: "AMQP_URL" },
    );
  const bus = createBus({ mode: "amqp", url: amqpUrl, namespace, queueType, name: "dqueue repl" });
  return new ServiceBroker({
    nodeID: `repl-${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`,
    namespace,
    logger: new NodeLogger({
      ...{ level: logLevel ?? "warn", format: null, descriptor: 2 },
      ...{ secrets: secretsKnownTo(settings), traced: settings.collector !== null },
    }),
    transporter: bus.transporter,
    requestTimeout: CALL_TIMEOUT_MS,
    internalServices: { $node: { name: "$node", actions: { options: false } } },
    middlewares: [middleware, bus.middleware],
  } as unknown as ConstructorParameters<typeof ServiceBroker>[0]);
};
