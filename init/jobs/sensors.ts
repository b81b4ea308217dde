import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runRequest, sensor, skip } from "dqueue";
import { priceOrders } from "./orders";

const INBOX = "inbox";

/** Launches a run for each file that comes into the inbox. */
export const newOrders = sensor({
  name: "new_orders",
  job: priceOrders,
  minimumIntervalSeconds: 5,
  // Without this line it would wait for `dqueue sensors start new_orders`.
  defaultStatus: "RUNNING",
  evaluate: () => {
    const files = existsSync(INBOX) ? readdirSync(INBOX).filter((name) => name.endsWith(".csv")) : [];
    if (files.length === 0) return skip(`there is no .csv file in ${INBOX}`);
    // A run key launches once, ever: a run for each file, however often it is seen.
    return files.map((name) => runRequest({ runKey: name, config: { file: join(INBOX, name) } }));
  },
});
