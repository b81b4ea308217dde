import type { Report } from "../core/messages";
import type { RunEvent } from "../core/run-events";

/** A worker's report as what happened to the run; null: logs, which change no run. */
export const eventOf = (report: Report, now: number): RunEvent | null => {
  const { step, fence } = report;
  switch (report.type) {
    case "started":
      return { type: "STARTED", step, fence, at: report.at, worker: report.worker, pid: report.pid };
    case "item":
      return { type: "ITEM", step, fence, at: now, key: report.key, value: report.value };
    case "succeeded":
      return { ...report, type: "SUCCEEDED" };
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
    case "logs":
      return null;
  }
};
