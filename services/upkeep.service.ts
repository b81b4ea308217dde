import type { ServiceBroker, ServiceSchema } from "moleculer";
import type { Database } from "../store/database";
import { ensurePartitions } from "../store/partitions";

const AGAIN_MS = 6 * 3_600_000;

/** Makes the database's partitions of the coming days. Any number of daemons may do so. */
export const upkeepService = (broker: ServiceBroker, { db }: { readonly db: Database }): ServiceSchema => {
  const log = broker.getLogger("upkeep");
  let timer: NodeJS.Timeout;
  let working: Promise<void> = Promise.resolve();

  const makeDays = async (): Promise<void> => {
    try {
      const { skipped } = await ensurePartitions(db);
      if (skipped.length > 0) log.debug(`Rows of ${skipped.join(", ")} stay in the default partitions.`);
    } catch (error) {
      // Rows find the default partitions meanwhile.
      log.warn(`The partitions of the next days are made later: ${(error as Error).message}`);
    }
  };

  return {
    name: "upkeep",
    async started() {
      await makeDays();
      timer = setInterval(() => (working = makeDays()), AGAIN_MS).unref();
    },
    async stopped() {
      clearInterval(timer);
      await working;
    },
  };
};
