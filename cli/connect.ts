import { DqueueClient } from "../client";
import { readSettings } from "../services/settings";

/** The server that the commands ask, DQUEUE_URL, else HOST and PORT, with the API key that there is. */
export const connect = (): DqueueClient => {
  const { url, apiKey } = readSettings();
  return new DqueueClient({ url, ...(apiKey !== null && { apiKey }) });
};
