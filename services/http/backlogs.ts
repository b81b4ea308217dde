import type { OwnerBacklog } from "../../coordinator/ports";

/** An owner says so each second. */
const SILENT_MS = 3_000;

/** The ready steps that owners hold back, so that priority, fairness and cancel act at once: they have no row yet. */
export class Backlogs {
  private readonly latest = new Map<string, { backlog: OwnerBacklog; heard: number }>();

  hear(backlog: OwnerBacklog): void {
    this.latest.set(backlog.owner, { backlog, heard: performance.now() });
  }

  /** Steps by queue, of all owners that were heard lately. */
  heldBack(): Map<string, number> {
    const since = performance.now() - SILENT_MS;
    const steps = new Map<string, number>();
    for (const [owner, { backlog, heard }] of this.latest) {
      if (heard < since) this.latest.delete(owner);
      else for (const [queue, held] of Object.entries(backlog.queues)) steps.set(queue, (steps.get(queue) ?? 0) + held);
    }
    return steps;
  }
}
