import type { ServiceBroker, ServiceSchema } from "moleculer";
import { Counter, type Registry } from "prom-client";
import type { Database } from "../store/database";
import { ensurePartitions } from "../store/partitions";
import { type Retention, UpkeepWork } from "./upkeep-work";

export interface UpkeepNeeds {
  readonly db: Database;
  readonly retention: Retention;
  readonly registry: Registry;
  /** How long after the start it begins to remove what is past its time. */
  readonly afterMs?: number;
}

const DAYS_AGAIN_MS = 6 * 3_600_000;
/** Another one that died amid it is followed by then. */
const LOOK_MS = 300_000;
/** A start has other things to do. */
const FIRST_LOOK_MS = 20_000;

/** Makes the database's partitions of the coming days and removes what is past its time. Any number of daemons may. */
export const upkeepService = (broker: ServiceBroker, needs: UpkeepNeeds): ServiceSchema => {
  const { db, retention, registry, afterMs = FIRST_LOOK_MS } = needs;
  const log = broker.getLogger("upkeep");
  const removed = new Counter({
    name: "dqueue_retention_runs_removed_total",
    help: "Ended runs that were removed since they were past their time, or for their room.",
    registers: [registry],
  });
  const work = new UpkeepWork(db, retention, removed, log);
  const timers: NodeJS.Timeout[] = [];
  let makingDays: Promise<void> = Promise.resolve();
  let removing: Promise<void> = Promise.resolve();

  const makeDays = async (): Promise<void> => {
    try {
      const { skipped } = await ensurePartitions(db);
      if (skipped.length > 0) log.debug(`Rows of ${skipped.join(", ")} stay in the default partitions.`);
    } catch (error) {
      // Rows find the default partitions meanwhile.
      log.warn(`The partitions of the next days are made later: ${(error as Error).message}`);
    }
  };
  const look = (): void => void (removing = removing.then(() => work.look()));

  return {
    name: "upkeep",
    async started() {
      await makeDays();
      timers.push(
        setInterval(() => (makingDays = makeDays()), DAYS_AGAIN_MS).unref(),
        setTimeout(look, afterMs).unref(),
        setInterval(look, LOOK_MS).unref(),
      );
    },
    async stopped() {
      timers.forEach(clearTimeout);
      work.stop();
      await Promise.all([makingDays, removing]);
    },
  };
};
