import { DqueueClient } from "../client";
import { readSettings } from "../services/settings";

/** The server that the commands ask: DQUEUE_URL, else HOST and PORT. */
export const connect = (): DqueueClient => new DqueueClient(readSettings().url);
