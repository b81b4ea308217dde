import type { Run, Step } from "../core/run";

/** A step that may be dispatched and waits for room in its queue's window. */
export interface Waiting {
  run: Run;
  step: Step;
}

/** Work, in ms, that a run may be given before it is another's turn. */
const TURN_MS = 50;

/** A run's place among those that wait in a lane. */
interface Turn {
  readonly run: Run;
  /** Lower ones come first; within a round the older run. */
  round: number;
  /** Work of this round that it was given, in ms. */
  given: number;
  steps: Step[];
  next: number;
}

const isBefore = (a: Turn, b: Turn): boolean =>
  a.round < b.round || (a.round === b.round && a.run.record.id < b.run.record.id);

/**
 * Steps of one queue, priority and shard. In each round every run gets a turn, so that none starves another. Within
 * the round the older run comes first, so that runs end one after the other and make room, rather than all at once.
 */
class Lane {
  private readonly turns = new WeakMap<Run, Turn>();
  private readonly waiting = new Set<Turn>();
  private first: Turn | null = null;
  /** The latest that was begun. */
  private round = 0;
  private count = 0;

  push(run: Run, step: Step): void {
    this.count++;
    let turn = this.turns.get(run);
    if (!turn) this.turns.set(run, (turn = { run, round: this.round + 1, given: 0, steps: [], next: 0 }));
    turn.steps.push(step);
    if (this.waiting.has(turn)) return;
    this.waiting.add(turn);
    if (this.first && isBefore(turn, this.first)) this.first = turn;
  }

  peek(): Waiting | null {
    for (let turn = (this.first ??= this.earliest()); turn; turn = this.first = this.earliest()) {
      // What was canceled or skipped meanwhile has stopped being ready.
      while (turn.next < turn.steps.length && !turn.steps[turn.next]!.ready) {
        turn.next++;
        this.count--;
      }
      if (turn.next < turn.steps.length) return { run: turn.run, step: turn.steps[turn.next]! };
      this.leave(turn);
    }
    return null;
  }

  /** Takes what `peek` has shown. `ms`: how much work it is thought to be; Infinity: nobody knows, or much. */
  take({ run }: Waiting, ms: number): void {
    const turn = this.turns.get(run)!;
    turn.next++;
    this.count--;
    this.round = Math.max(this.round, turn.round);
    turn.given += ms;
    if (turn.given >= TURN_MS) {
      turn.round = this.round + 1;
      turn.given = 0;
      this.first = null;
    }
    if (turn.next === turn.steps.length) this.leave(turn);
  }

  get size(): number {
    return this.count;
  }

  private leave(turn: Turn): void {
    this.waiting.delete(turn);
    turn.steps = [];
    turn.next = 0;
    this.first = null;
  }

  private earliest(): Turn | null {
    let first: Turn | null = null;
    for (const turn of this.waiting) if (!first || isBefore(turn, first)) first = turn;
    return first;
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
