import type { SensorDefinition } from "../../core/graph";
import type { Queryable } from "../database";

/** All published sensors, by name: there are as many as the code location has. */
export const sensorDefinitions = async (db: Queryable): Promise<SensorDefinition[]> => {
  const { rows } = await db.query<{ definition: SensorDefinition }>(
    `select definition from instigators where kind in ('sensor', 'run_status_sensor') order by name`,
  );
  return rows.map(({ definition }) => definition);
};
