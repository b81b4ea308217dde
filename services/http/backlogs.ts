import type { OwnerBacklog } from "../../coordinator/ports";

/** An owner says so each second: later than this, and another may have its shards. */
const LATE_MS = 2_000;
/** Shards that no other has taken for this long wait for a coordinator; nobody knows for how many steps. */
const FORGOTTEN_MS = 60_000;

/** The ready steps that owners hold back, so that priority, fairness and cancel act at once: they have no row yet. */
export class Backlogs {
  private readonly latest = new Map<string, { backlog: OwnerBacklog; heard: number }>();

  /** @param now milliseconds of a clock that only rises. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  hear(backlog: OwnerBacklog): void {
    this.latest.set(backlog.owner, { backlog, heard: this.now() });
  }

  /**
   * Steps by queue. What an owner has said stands until another says that it has one of its shards: an owner that is late
   * still holds back what it held, and what a dead one held must not count twice.
   */
  heldBack(): Map<string, number> {
    const epochs = this.newestEpochs();
    const steps = new Map<string, number>();
    for (const [owner, { backlog, heard }] of this.latest) {
      const silent = this.now() - heard;
      const replaced = silent > LATE_MS && backlog.shards.some(({ shard, epoch }) => epochs.get(shard)! > epoch);
      if (replaced || silent > FORGOTTEN_MS) this.latest.delete(owner);
      else for (const [queue, held] of Object.entries(backlog.queues)) steps.set(queue, (steps.get(queue) ?? 0) + held);
    }
    return steps;
  }

  private newestEpochs(): Map<number, number> {
    const epochs = new Map<number, number>();
    for (const { backlog } of this.latest.values())
      for (const { shard, epoch } of backlog.shards) epochs.set(shard, Math.max(epoch, epochs.get(shard) ?? epoch));
    return epochs;
  }
}
