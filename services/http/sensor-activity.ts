import type { Database } from "../../store/database";
import { launchedToday, type TickMark, tickMarks } from "../../store/queries/sensor-activity";
import { sensorOutlooks } from "../../store/queries/sensor-outlook";

/** Sensors with what they did lately, and their last `count` ticks as columns, oldest first. */
export const withActivity = async <Sensor extends { name: string }>(
  db: Database,
  sensors: readonly Sensor[],
  count: number,
) => {
  const names = sensors.map(({ name }) => name);
  const marks = new Map<string, TickMark[]>(names.map((name) => [name, []]));
  for (const mark of await tickMarks(db, names, count)) marks.get(mark.instigator)!.unshift(mark);
  const launched = await launchedToday(db, names);
  const outlooks = new Map((await sensorOutlooks(db)).map((outlook) => [outlook.name, outlook]));
  return sensors.map((sensor) => {
    const ticks = marks.get(sensor.name)!;
    const activity = {
      ticks: {
        status: ticks.map(({ status }) => status),
        started_at: ticks.map(({ started_at }) => started_at),
        runs: ticks.map(({ runs }) => runs),
      },
      runs_24h: launched.get(sensor.name) ?? 0,
      failing_since: outlooks.get(sensor.name)?.failing_since ?? null,
      error: ticks.at(-1)?.error ?? null,
    };
    return { ...sensor, activity };
  });
};
