import type { Report } from "../core/messages";
import type { RunEvent } from "../core/run-events";

/** A worker's report as what happened to the run; of logs nothing, which change no run. */
export const eventsOf = (report: Report, now: number): RunEvent[] => {
  const { step, fence } = report;
  if (report.type === "items")
    return report.items.map(([key, value]) => ({ type: "ITEM", step, fence, at: now, key, value }));
  return report.type === "logs" ? [] : [eventOf(report)];
};

const eventOf = (report: Exclude<Report, { type: "items" | "logs" }>): RunEvent => {
  const { step, fence } = report;
  switch (report.type) {
    case "started":
      return {
        ...{ type: "STARTED" as const, step, fence, at: report.at },
        ...{ worker: report.worker, pid: report.pid, slot: report.slot },
      };
    case "succeeded":
      return {
        type: "SUCCEEDED",
        step,
        fence,
        startedAt: report.startedAt,
        at: report.at,
        worker: report.worker,
        pid: report.pid,
        slot: report.slot,
        outputs: report.outputs,
        items: report.items,
        hooks: report.hooks,
      };
    case "failed":
      return { ...report, type: "FAILED" };
    case "lost":
      return { ...report, type: "LOST" };
    case "released":
      return { type: "RELEASED", step, fence, at: report.at, reason: report.reason };
    case "canceled":
      return { type: "STOPPED", step, fence, at: report.at };
    case "progress":
      return {
        ...{ type: "PROGRESS" as const, step, fence, at: report.at },
        ...{ fraction: report.fraction, message: report.message },
      };
  }
};
