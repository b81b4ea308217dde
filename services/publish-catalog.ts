import type { Catalog } from "../core/graph";
import { publishJobs } from "../store/catalog";
import type { Database } from "../store/database";
import { publishSensors } from "../store/instigators";

/**
 * Makes a code location known to every process. An older version never replaces a newer one, unless `revive` says that
 * its author has gone back to it on purpose.
 * @returns whether this version is the current one now.
 */
export const publishCatalog = async (
  db: Database,
  catalog: Catalog,
  options: { revive: boolean },
): Promise<boolean> => {
  // The jobs first: a sensor that is due at once finds those that it launches.
  const current = await publishJobs(db, catalog, options);
  await publishSensors(db, catalog);
  return current;
};
