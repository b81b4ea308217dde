import type { Report } from "../core/messages";

/** Reports taken in one by one after the database has refused a value, until the culprit is found. */
const CAREFUL_REPORTS = 10_000;

/**
 * Finds the one report that the database refuses, so that it fails its own step and holds up nobody else's. Workers
 * make values storable; this is for what slips through.
 */
export class Condemned {
  private readonly reports = new Set<string>();
  private careful = 0;

  /** True: take reports in one by one, each with a commit of its own. */
  get oneByOne(): boolean {
    return this.careful > 0;
  }

  begin(): void {
    this.careful = CAREFUL_REPORTS;
  }

  tookIn(): void {
    this.careful--;
  }

  add(report: Report): void {
    this.reports.add(nameOf(report));
  }

  /** The report as it can be stored: a failure of its step in the place of a value that cannot. */
  replace(report: Report, now: number): Report | null {
    if (this.reports.size === 0 || !this.reports.has(nameOf(report))) return report;
    if (report.type === "logs" || report.type === "progress" || report.type === "started") return null;
    const { shard, run, step, fence } = report;
    const error = { name: "Unstorable", code: "UNSTORABLE", message: "The database refused what this step reported." };
    const at = { startedAt: "startedAt" in report ? report.startedAt : now, at: now };
    const where = { worker: "worker" in report ? report.worker : "unknown", pid: 0 };
    return { type: "failed", shard, run, step, fence, ...at, ...where, error, retryable: false, random: 0 };
  }
}

const nameOf = (report: Report): string => `${report.run} ${report.step} ${report.fence} ${report.type}`;
