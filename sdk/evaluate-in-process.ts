import type { LogLine } from "../core/messages";
import type { EndedRun, LatestRun, RunRequest } from "../core/sensing";
import { logTo } from "./context";
import { checkOptions, type OptionNames } from "./options";
import { evaluateSensor, type SensorObject } from "./sensor";

/** What a sensor is to find; what is not given is as at its first tick. */
export interface SensorTickOptions {
  /** What the tick before has left; null: nothing. */
  cursor?: string | null;
  now?: Date;
  lastTickAt?: Date | null;
  /** By job name, the latest run that it finds; of the jobs that are not here there was none. */
  latestRuns?: Record<string, LatestRun>;
  /** Of a run-status sensor: the run that has ended. */
  run?: EndedRun;
}

const SENSOR_TICK_OPTIONS: OptionNames<SensorTickOptions> = {
  cursor: true,
  now: true,
  lastTickAt: true,
  latestRuns: true,
  run: true,
};

/** What a sensor has asked for. */
export interface SensorTick {
  readonly runRequests: readonly RunRequest[];
  readonly skipReason: string | null;
  /** For the next tick. */
  readonly cursor: string | null;
  readonly logs: readonly { level: LogLine["level"]; text: string }[];
}

/**
 * Evaluates a sensor once in this process, for authors' tests; nothing is launched.
 *
 * @throws what the sensor throws, and DqueueError INVALID_SENSOR_RESULT as in production.
 */
export const evaluateInProcess = async (sensor: SensorObject, options: SensorTickOptions = {}): Promise<SensorTick> => {
  checkOptions(options, SENSOR_TICK_OPTIONS, { sensor: sensor.name });
  const { cursor = null, now = new Date(), lastTickAt = null, latestRuns = {}, run } = options;
  const logs: { level: LogLine["level"]; text: string }[] = [];
  const never = Object.fromEntries(sensor.definition.jobs.map((job) => [job, null]));
  const answer = await evaluateSensor(
    sensor,
    {
      ...{ sensor: sensor.name, cursor, now: now.getTime(), lastTickAt: lastTickAt?.getTime() ?? null },
      latestRuns: { ...never, ...latestRuns },
      ...(run && { run }),
    },
    logTo((level, text) => void logs.push({ level, text })),
  );
  return { cursor, ...answer, logs };
};
