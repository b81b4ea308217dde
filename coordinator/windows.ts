import type { OwnerBacklog } from "./ports";
import type { Clock } from "./ports";
import type { Workers } from "./workers";

/** Deliveries in RabbitMQ and on workers per live slot: enough that no worker waits, few enough that cancel, pause and priority act at once. */
const DELIVERIES_PER_SLOT = 4;
/** Where no worker is known yet: what the first one that comes finds. */
const MIN_DELIVERIES = 16;
const BACKLOG_IS_FRESH_MS = 3_000;

/** How much of each queue this owner may have out: its share, by backlog, of a multiple of the live slots. */
export class Windows {
  private readonly others = new Map<string, { backlog: OwnerBacklog; heardAt: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly workers: Workers,
    private readonly owner: string,
  ) {}

  heard(backlog: OwnerBacklog): void {
    if (backlog.owner !== this.owner) this.others.set(backlog.owner, { backlog, heardAt: this.clock.monotonic() });
  }

  /** True of an owner that would take a shard: one that is paused holds its lock, but says nothing. */
  hears(owner: string): boolean {
    const other = this.others.get(owner);
    return (
      other !== undefined && other.backlog.takesShards && this.clock.monotonic() - other.heardAt < BACKLOG_IS_FRESH_MS
    );
  }

  /** Deliveries of a queue that may be out at once, where `waiting` steps of it wait here. */
  size(queue: string, waiting: number): number {
    const window = Math.max(MIN_DELIVERIES, this.workers.slots(queue) * DELIVERIES_PER_SLOT);
    let elsewhere = 0;
    for (const [owner, { backlog, heardAt }] of this.others)
      if (this.clock.monotonic() - heardAt < BACKLOG_IS_FRESH_MS) elsewhere += backlog.queues[queue] ?? 0;
      else this.others.delete(owner);
    return Math.max(1, Math.ceil((window * (waiting + 1)) / (waiting + elsewhere + 1)));
  }
}
