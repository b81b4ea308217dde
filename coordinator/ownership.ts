import type { ShardLease, ShardRecord } from "../core/records";
import { Loop } from "./loop";
import type { Needs } from "./ports";

/** How often the others are looked at. */
const WATCH_MS = 250;
/** An owner whose beat stands still for this long, on the challenger's own clock, is paused or cut off. */
const PAUSED_MS = 5_000;
const BEAT_MS = 1_000;
/** Who has not read the shards for this long waits for the database. */
const LOOK_IS_LATE_MS = 2_000;
/** An owner whose beat has not gone through for this long gives up by itself, before others take over. */
const SELF_FENCE_MS = 4_000;

export interface OwnershipListener {
  held(): ShardLease[];
  /** Waits for the mailbox to be open: reports may come at once. */
  taken(lease: ShardLease): Promise<void>;
  /** Somebody else has it, or nothing can be written: its actors are thrown away, its reports requeued. */
  dropped(shards: number[]): Promise<void>;
  /** Stop, commit, acknowledge, close: the shard goes to another. */
  release(shard: number): Promise<void>;
  /** True of another coordinator that has lately said that it takes shards. */
  hears(owner: string): boolean;
}

/** Takes shards of coordinators that died or paused, keeps an even share, and fences itself (protocol 3). */
export class Ownership {
  private readonly watch: Loop;
  private readonly beats: Loop;
  private readonly seen = new Map<number, { beat: number; epoch: number; since: number }>();
  private membership: { close(): Promise<void> } | null = null;
  private lastBeatAt = 0;
  private lastLookAt = 0;
  private stopped = false;
  private callOffGuard: () => void = () => {};

  constructor(
    private readonly needs: Needs,
    private readonly listener: OwnershipListener,
  ) {
    const { clock, log } = needs;
    this.watch = new Loop(clock, log, "Watching shards", WATCH_MS, () => this.look());
    this.beats = new Loop(
      clock,
      log,
      "Beating",
      BEAT_MS,
      () => this.beat(),
      () => listener.held().length > 0,
    );
  }

  async start(): Promise<void> {
    await this.join();
    this.lastBeatAt = this.needs.clock.monotonic();
    this.beats.start();
    this.guard();
    await this.look();
    // Only now: two looks at once could take a shard twice, and the answer of the first, coming last, be believed.
    this.watch.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.callOffGuard();
    await this.watch.stop();
    for (const lease of this.listener.held()) await this.listener.release(lease.id);
    await this.beats.stop();
    await this.membership?.close();
  }

  /** After shards were given up: takes them again as soon as the database lets it. */
  lookNow(): void {
    this.watch.nudge();
  }

  /** False while the database does not answer. */
  takesShards(): boolean {
    return !this.stopped && this.needs.clock.monotonic() - this.lastLookAt < LOOK_IS_LATE_MS;
  }

  /** A commit that went through is as good as a beat. */
  wentThrough(startedAt: number): void {
    this.lastBeatAt = Math.max(this.lastBeatAt, startedAt);
  }

  /** On a timer of its own: the beat that hangs must not hold up what is there against hanging. */
  private guard(): void {
    this.callOffGuard = this.needs.clock.after(WATCH_MS, () => {
      if (this.stopped) return;
      const held = this.listener.held().map(({ id }) => id);
      // Who holds nothing does not beat.
      if (held.length === 0) this.lastBeatAt = this.needs.clock.monotonic();
      else if (this.needs.clock.monotonic() - this.lastBeatAt > SELF_FENCE_MS) {
        this.needs.log.warn("The database has not answered for 4 s: giving up the shards until it does.");
        void this.listener.dropped(held);
      }
      this.guard();
    });
  }

  /** In place of a membership that is gone, if there was one. */
  private async join(): Promise<void> {
    // Not waited for: the farewell of a connection that has vanished may take minutes.
    void this.membership?.close().catch((error: Error) => this.needs.log.debug(error.message));
    this.membership = null;
    this.membership = await this.needs.store.join(this.needs.options.owner);
  }

  private async beat(): Promise<void> {
    const startedAt = this.needs.clock.monotonic();
    const lost = await this.needs.store.beat(this.needs.options.owner, this.listener.held());
    this.wentThrough(startedAt);
    if (lost.length > 0) await this.listener.dropped(lost);
  }

  private async look(): Promise<void> {
    const { owner } = this.needs.options;
    const { shards, live } = await this.needs.store.readShards();
    this.lastLookAt = this.needs.clock.monotonic();
    // Its lock went with a connection: the others take it for dead, and would take back whatever it takes.
    if (!live.includes(owner)) return this.join();
    const held = new Set(this.listener.held().map(({ id }) => id));
    // One that is paused, or waits for the database, holds its lock and so lives, but would take no share.
    const others = live.filter((name) => name !== owner && this.listener.hears(name));
    const share = Math.ceil(shards.length / (others.length + 1));
    for (const shard of shards) {
      if (held.has(shard.id)) continue;
      // Its own, yet not held: dropped after a failure, or by a former life of the same name.
      const free = shard.owner === null || !live.includes(shard.owner);
      if (shard.owner === owner || (free && held.size < share) || this.standsStill(shard)) {
        if (await this.take(shard)) held.add(shard.id);
      }
    }
    if (held.size > share) await this.giveAway([...held], shards, others, share);
  }

  /** Gives a shard away, one a turn, where another holds less than its share. */
  private async giveAway(held: number[], shards: ShardRecord[], others: string[], share: number): Promise<void> {
    const counts = others.map((name) => shards.filter(({ owner }) => owner === name).length);
    if (counts.some((count) => count < share)) await this.listener.release(Math.max(...held));
  }

  private async take(shard: ShardRecord): Promise<boolean> {
    const startedAt = this.needs.clock.monotonic();
    const lease = await this.needs.store.takeShard(shard, this.needs.options.owner);
    if (!lease) return false;
    this.seen.delete(shard.id);
    this.wentThrough(startedAt);
    await this.listener.taken(lease);
    return true;
  }

  private standsStill(shard: ShardRecord): boolean {
    const now = this.needs.clock.monotonic();
    const seen = this.seen.get(shard.id);
    if (!seen || seen.beat !== shard.beat || seen.epoch !== shard.epoch) {
      this.seen.set(shard.id, { beat: shard.beat, epoch: shard.epoch, since: now });
      return false;
    }
    return now - seen.since >= PAUSED_MS;
  }
}
