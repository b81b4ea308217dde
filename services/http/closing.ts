import type { Server, ServerResponse } from "node:http";
import { DqueueError } from "../../core/errors";

/** What is answered by then has been answered; who still reads is cut off. */
const LAST_MS = 10_000;

/**
 * The end of a server that is asked all the time. Node's own `close` takes no new connections, but goes on answering on
 * those that are kept alive, and waits for them: a client that asks again each second would hold it for ever.
 */
export class Closing {
  private begun = false;

  begin(server: Server): void {
    this.begun = true;
    const cut = setTimeout(() => server.closeAllConnections(), LAST_MS);
    server.once("close", () => clearTimeout(cut));
  }

  /** @throws DqueueError SERVER_STOPPING: the next request is to go elsewhere, on a connection of its own. */
  admit(response: ServerResponse): void {
    if (!this.begun) return;
    response.setHeader("connection", "close");
    throw new DqueueError(
      "SERVER_STOPPING",
      "This server is stopping. Ask another one, or this one again in a moment.",
    );
  }
}
