import { DqueueClient } from "../../client";
import { timedFetch } from "./server-clock";

/** The server that this page came from. */
export const api = new DqueueClient({ url: location.origin, fetch: timedFetch });
