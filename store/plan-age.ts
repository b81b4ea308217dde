import type { ClientBase } from "pg";

const FIRST_MS = 1_000;
const LATER_MS = 64_000;

/** When a connection's plans are next thrown away, by the monotonic clock, and how long after the last time that is. */
const dues = new WeakMap<ClientBase, { at: number; pauseMs: number }>();

/**
 * Throws the plans of a connection's prepared statements away when their time has come: 1, 2, 4 … and later 64 s after
 * the last time. A statement keeps the plan that suited its tables when it was made. Made while they were small,
 * it reads them whole, at thousands of rows and with every commit, until the server next analyses them: a minute or more.
 */
export const renewPlans = async (client: ClientBase): Promise<void> => {
  const now = performance.now();
  const due = dues.get(client);
  if (!due) dues.set(client, { at: now + FIRST_MS, pauseMs: FIRST_MS });
  else if (now >= due.at) {
    due.pauseMs = Math.min(due.pauseMs * 2, LATER_MS);
    due.at = now + due.pauseMs;
    await client.query("discard plans");
  }
};
