import { DqueueClient } from "../../client";

/** The server that this page came from. */
export const api = new DqueueClient(location.origin);
