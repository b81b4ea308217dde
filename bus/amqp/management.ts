import { DqueueError } from "../../core/errors";
import { messageOf } from "../log";
import { virtualHost } from "./address";

/** Whoever waits for figures waits no longer. */
const PATIENCE_MS = 1_000;

interface Queue {
  name: string;
  messages_unacknowledged?: number;
}

/**
 * Asks RabbitMQ's management API what AMQP does not tell: messages that consumers have in hand and have not acknowledged,
 * by queue. The API's own figures are some seconds old. A queue that it does not know, or whose figures it does not have
 * yet, is absent.
 *
 * @param url of the API, with user and password; `amqpUrl` names the virtual host.
 */
export const unackedReader = (url: string, amqpUrl: string): (() => Promise<Map<string, number>>) => {
  const { username, password, origin, pathname } = new URL(url);
  const host = encodeURIComponent(virtualHost(amqpUrl.split(";")[0]!));
  const asked = `${origin}${pathname.replace(/\/$/, "")}/api/queues/${host}?columns=name,messages_unacknowledged`;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return async () => {
    const response = await fetch(asked, { headers, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
      (error: unknown) => {
        throw unreachable(origin, error);
      },
    );
    if (!response.ok)
      throw new DqueueError(
        "MANAGEMENT_REFUSED",
        `RabbitMQ's management API at ${origin} answers ${response.status} ${response.statusText}. See AMQP_MANAGEMENT_URL: its user needs the tag "monitoring" and rights on the virtual host.`,
      );
    const queues = (await response.json()) as Queue[];
    return new Map(
      queues.flatMap(({ name, messages_unacknowledged: unacked }): [string, number][] =>
        unacked === undefined ? [] : [[name, unacked]],
      ),
    );
  };
};

const unreachable = (origin: string, error: unknown): DqueueError => {
  const { cause } = error as { cause?: unknown };
  const why = messageOf(cause ?? error); // of fetch itself nothing but "fetch failed"
  return new DqueueError(
    "MANAGEMENT_UNREACHABLE",
    `RabbitMQ's management API at ${origin} cannot be reached: ${why}. Check AMQP_MANAGEMENT_URL and that the plugin rabbitmq_management is on.`,
  );
};
