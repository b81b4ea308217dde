import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ServiceSchema } from "moleculer";
import { processVitals } from "../worker/process-vitals";
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
  /** How late its event loop was, in the last seconds, for the slowest hundredth. */
  loop_p99_ms: number;
  settings: readonly ToldSetting[];
}

const SAMPLE_MS = 5_000;
/** The monitor counts its own interval in. */
const RESOLUTION_MS = 10;

/** What this process is and how it is, on each node: whoever shows the deployment asks them all. */
export const processService = ({ settings }: { readonly settings: readonly ToldSetting[] }): ServiceSchema => {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const vitals = processVitals();
  let timer: NodeJS.Timeout;
  let latest = { cpu: 0, loop_p99_ms: 0 };

  const sample = (): void => {
    const late = loop.percentile(99) / 1e6 - RESOLUTION_MS;
    latest = { cpu: vitals().cpu, loop_p99_ms: Math.max(0, Math.round(late * 10) / 10) };
    loop.reset();
  };

  return {
    name: "process",

    actions: {
      /** Passwords in its settings are replaced already: whoever is on the bus may ask. */
      describe: (): ProcessDescription => ({
        pid: process.pid,
        up_seconds: Math.round(process.uptime()),
        rss: process.memoryUsage.rss(),
        heap_used: process.memoryUsage().heapUsed,
        ...latest,
        settings,
      }),
    },

    started() {
      loop.enable();
      timer = setInterval(sample, SAMPLE_MS).unref();
    },
    stopped() {
      clearInterval(timer);
      loop.disable();
    },
  };
};
