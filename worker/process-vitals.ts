import type { ExecutorPorts } from "./ports";

/** Memory and processor of this process. */
export const processVitals = (): ExecutorPorts["vitals"] => {
  let usage = process.cpuUsage();
  let at = performance.now();
  return () => {
    const now = performance.now();
    const used = process.cpuUsage(usage);
    const cpu = now > at ? ((used.user + used.system) / 1000 / (now - at)) * 100 : 0;
    usage = process.cpuUsage();
    at = now;
    return { cpu: Math.round(cpu * 10) / 10, rss: process.memoryUsage.rss() };
  };
};
