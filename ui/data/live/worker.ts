import { Http } from "../../../client/http";
import { follow } from "../../../client/stream";
import { Hub } from "./hub";
import type { FromTab } from "./protocol";

/*
 * The stream of all tabs. A shared worker, and not a tab that leads by a Web Lock: locks exist in secure contexts alone,
 * and dqueue is often reached by plain HTTP within a network; a tab in the background is slowed down or frozen, and
 * would hold up the others. Browsers let a host have six connections over HTTP/1.1: a stream per tab would use them up.
 */
// Not the whole client: each first visit loads this beside the page.
const http = new Http({ url: location.origin });
const hub = new Hub({
  stream: (topics, options) => follow(http, topics, options),
  health: (options) => http.ask("GET", "/health", options),
});
const scope = self as unknown as { onconnect: (event: MessageEvent) => void };
scope.onconnect = ({ ports: [port] }) => {
  const hear = hub.add((told) => port!.postMessage(told));
  port!.onmessage = ({ data }: MessageEvent<FromTab>) => hear(data);
};
