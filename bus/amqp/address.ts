import { messageOf } from "../log";

/** A URL that may stand in a log. */
export const redact = (url: string): string => url.replace(/(\/\/[^:@/]*):[^@]*@/g, "$1:***@");

/** The virtual host that a URL names, as amqplib reads it. */
export const virtualHost = (url: string): string => {
  const path = new URL(url).pathname.slice(1);
  return path === "" ? "/" : decodeURIComponent(path);
};

/** RabbitMQ ends a handshake without its reason where the virtual host is not there, or not for this user. */
const HOST_REFUSED = "Expected ConnectionOpenOk";

/** Why no connection came about, and what to do: sentences of which the first has no full stop yet. */
export const whyNotConnected = (url: string, error: unknown): { what: string; todo: string } => {
  const message = messageOf(error);
  const at = `RabbitMQ at ${redact(url)}`;
  const user = decodeURIComponent(new URL(url).username) || "guest";
  if (message.includes("ACCESS_REFUSED"))
    return {
      what: `${at} refuses the user "${user}"`,
      todo: `Check name and password in AMQP_URL; "guest" may log in on RabbitMQ's own machine alone.`,
    };
  if (message.startsWith(HOST_REFUSED))
    return {
      what: `${at} does not open its virtual host "${virtualHost(url)}" to the user "${user}"`,
      todo: `See whether it is there and whose it is: \`rabbitmqctl list_permissions -p ${virtualHost(url)}\`.`,
    };
  return { what: `${at} cannot be reached: ${message}`, todo: "Check AMQP_URL and that RabbitMQ runs there." };
};
