import type { Run, Step } from "../core/run";

/** A step that may be dispatched and waits for room in its queue's window. */
export interface Waiting {
  run: Run;
  step: Step;
}

/** Steps of one queue, priority and shard: the oldest of each run in turn, so that no run starves another. */
class Lane {
  private readonly runs = new Map<Run, { steps: Step[]; next: number }>();
  private count = 0;

  push(run: Run, step: Step): void {
    this.count++;
    const waiting = this.runs.get(run);
    if (waiting) waiting.steps.push(step);
    else this.runs.set(run, { steps: [step], next: 0 });
  }

  peek(): Waiting | null {
    for (const [run, waiting] of this.runs) {
      // What was canceled or skipped meanwhile has stopped being ready.
      while (waiting.next < waiting.steps.length && !waiting.steps[waiting.next]!.ready) {
        waiting.next++;
        this.count--;
      }
      if (waiting.next < waiting.steps.length) return { run, step: waiting.steps[waiting.next]! };
      this.runs.delete(run);
    }
    return null;
  }

  /** Takes what `peek` has shown; the next is another run's. */
  take(run: Run): void {
    const waiting = this.runs.get(run)!;
    waiting.next++;
    this.count--;
    this.runs.delete(run);
    if (waiting.next < waiting.steps.length) this.runs.set(run, waiting);
  }

  get size(): number {
    return this.count;
  }
}

export interface Next {
  shard: number;
  priority: number;
  lane: Lane;
  lanes: number;
}

/** Ready steps that wait for room, by queue: higher priority first, shards in turn. */
export class Backlog {
  /** Queue → priority → shard. */
  private readonly lanes = new Map<string, Map<number, Map<number, Lane>>>();

  push(shard: number, queue: string, priority: number, waiting: Waiting): void {
    let priorities = this.lanes.get(queue);
    if (!priorities) this.lanes.set(queue, (priorities = new Map()));
    let shards = priorities.get(priority);
    if (!shards) priorities.set(priority, (shards = new Map()));
    let lane = shards.get(shard);
    if (!lane) shards.set(shard, (lane = new Lane()));
    lane.push(waiting.run, waiting.step);
  }

  /** The lane to take from next of so many of its priority, or null: its shard goes to the end of the turn. */
  next(queue: string): Next | null {
    const priorities = this.lanes.get(queue);
    for (const priority of [...(priorities?.keys() ?? [])].sort((a, b) => b - a)) {
      const shards = priorities!.get(priority)!;
      for (const [shard, lane] of shards) {
        shards.delete(shard);
        if (!lane.peek()) continue;
        shards.set(shard, lane);
        return { shard, priority, lane, lanes: shards.size };
      }
      priorities!.delete(priority);
    }
    return null;
  }

  forgetShard(shard: number): void {
    for (const priorities of this.lanes.values()) for (const shards of priorities.values()) shards.delete(shard);
  }

  queues(): string[] {
    return [...this.lanes.keys()];
  }

  size(queue: string): number {
    let size = 0;
    for (const shards of this.lanes.get(queue)?.values() ?? []) for (const lane of shards.values()) size += lane.size;
    return size;
  }
}
