import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ServiceSchema } from "moleculer";
import type { Registry } from "prom-client";
import { processVitals } from "../worker/process-vitals";
import { LastHour } from "./last-hour";
import { type WorkNow, WorkRates } from "./metrics/work-now";
import type { ToldSetting } from "./settings";

/** What a process tells of itself. */
export interface ProcessDescription {
  pid: number;
  up_seconds: number;
  /** Bytes. */
  rss: number;
  heap_used: number;
  /** Percent of one core, in the last seconds. */
  cpu: number;
  /** The same of each minute of the last hour, oldest first; the last minute goes on. */
  cpu_hour: readonly number[];
  /** How late its event loop was, in the last seconds, for the slowest hundredth. */
  loop_p99_ms: number;
  work: WorkNow;
  settings: readonly ToldSetting[];
}

interface Needs {
  readonly settings: readonly ToldSetting[];
  /** The figures of this process. */
  readonly registry: Registry;
}

const SAMPLE_MS = 5_000;
/** The monitor counts its own interval in. */
const RESOLUTION_MS = 10;

/** What this process is and how it is, on each node: whoever shows the deployment asks them all. */
export const processService = ({ settings, registry }: Needs): ServiceSchema => {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const vitals = processVitals();
  const hour = new LastHour();
  const rates = new WorkRates(registry);
  let timer: NodeJS.Timeout;
  let latest = { cpu: 0, loop_p99_ms: 0 };

  const sample = (): void => {
    const late = loop.percentile(99) / 1e6 - RESOLUTION_MS;
    latest = { cpu: vitals().cpu, loop_p99_ms: Math.max(0, Math.round(late * 10) / 10) };
    loop.reset();
    hour.add(latest.cpu, performance.now());
    void rates.look(performance.now());
  };

  return {
    name: "process",

    actions: {
      /** Passwords in its settings are replaced already: whoever is on the bus may ask. */
      describe: async (): Promise<ProcessDescription> => ({
        pid: process.pid,
        up_seconds: Math.round(process.uptime()),
        rss: process.memoryUsage.rss(),
        heap_used: process.memoryUsage().heapUsed,
        ...latest,
        cpu_hour: hour.means(),
        work: await rates.now(),
        settings,
      }),
    },

    started() {
      loop.enable();
      timer = setInterval(sample, SAMPLE_MS).unref();
      void rates.look(performance.now());
    },
    stopped() {
      clearInterval(timer);
      loop.disable();
    },
  };
};
