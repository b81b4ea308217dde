import { DqueueError } from "../core/errors";
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
  /** Stop, commit, acknowledge, close: the shard goes to another, or to whoever comes (null). False: it was not held, or not yet. */
  release(shard: number, to: string | null): Promise<boolean>;
  /** True of another coordinator that has lately said that it takes shards. */
  hears(owner: string): boolean;
}

/** Takes shards of coordinators that died or paused, keeps an even share, and fences itself (protocol 3). */
export class Ownership {
  private readonly watch: Loop;
  private readonly beats: Loop;
  /** Of each shard, when it was last seen well: held here, or with another beat; `moved`: not just for the first time. */
  private readonly seen = new Map<number, { beat: number; epoch: number; since: number; moved: boolean }>();
  /** The epoch at which each shard was last taken here. */
  private readonly taken = new Map<number, number>();
  /** Shards that this coordinator holds because somebody wished so: it gives others away first. */
  private readonly handed = new Set<number>();
  /** Shards on their way to another. */
  private readonly leaving = new Set<number>();
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
    for (const lease of this.listener.held()) await this.listener.release(lease.id, null);
    await this.beats.stop();
    await this.membership?.close();
  }

  /**
   * Gives a shard to a coordinator, to the one that holds the fewest if none is named; where that has more than its share
   * then, it gives another one back. @returns to whom.
   * @throws DqueueError SHARD_NOT_HELD, NO_OTHER_COORDINATOR, COORDINATOR_NOT_FOUND
   */
  async handOver(shard: number, wanted: string | null): Promise<string> {
    const { shards, live } = await this.needs.store.readShards();
    const held = (name: string): number => shards.filter(({ owner }) => owner === name).length;
    const others = this.othersIn(live).sort((a, b) => held(a) - held(b));
    const [fewest] = others;
    if (fewest === undefined)
      throw new DqueueError(
        "NO_OTHER_COORDINATOR",
        `Shard ${shard} has nowhere to go: no other coordinator takes shards at the moment. Start another daemon.`,
      );
    const to = wanted ?? fewest;
    if (!others.includes(to)) throw noSuchOther(shard, to, others);
    this.leaving.add(shard);
    try {
      if (!(await this.listener.release(shard, to))) throw notHeld(shard);
    } finally {
      this.leaving.delete(shard);
    }
    return to;
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
    const others = this.othersIn(live);
    const share = Math.ceil(shards.length / (others.length + 1));
    for (const shard of shards) {
      const quietMs = this.quiet(shard, held.has(shard.id));
      if (held.has(shard.id) || this.leaving.has(shard.id)) continue;
      // Its own, yet not held: dropped after a failure, or by a former life of the same name.
      const free = shard.owner === null || !live.includes(shard.owner);
      const isDue = shard.owner === owner || (free && held.size < share);
      const silent = !isDue && quietMs >= PAUSED_MS;
      if ((isDue || silent) && (await this.take(shard, { silent, quietMs }))) held.add(shard.id);
    }
    if (held.size > share) await this.giveAway([...held], shards, others, share);
  }

  /** One that is paused, or waits for the database, holds its lock and so lives, but would take no share. */
  private othersIn(live: string[]): string[] {
    return live.filter((name) => name !== this.needs.options.owner && this.listener.hears(name));
  }

  /** Gives a shard away, one a turn, where another holds less than its share. */
  private async giveAway(held: number[], shards: ShardRecord[], others: string[], share: number): Promise<void> {
    const counts = others.map((name) => shards.filter(({ owner }) => owner === name).length);
    if (!counts.some((count) => count < share)) return;
    const mayGo = held.filter((id) => !this.leaving.has(id));
    const own = mayGo.filter((id) => !this.handed.has(id));
    await this.listener.release(Math.max(...(own.length > 0 ? own : mayGo)), null);
  }

  private async take(shard: ShardRecord, last: { silent: boolean; quietMs: number }): Promise<boolean> {
    const { owner } = this.needs.options;
    const startedAt = this.needs.clock.monotonic();
    // Its own by the row, but not as it was taken here: somebody has given it to us.
    const handed = shard.owner === owner && this.taken.get(shard.id) !== shard.epoch;
    const quietMs = this.seen.get(shard.id)!.moved ? last.quietMs : null;
    const lease = await this.needs.store.takeShard(shard, owner, { handed, silent: last.silent, quietMs });
    if (!lease) return false;
    if (handed) this.handed.add(shard.id);
    else if (shard.owner !== owner) this.handed.delete(shard.id);
    this.taken.set(shard.id, lease.epoch);
    this.wentThrough(startedAt);
    await this.listener.taken(lease);
    return true;
  }

  /** ms since a shard was last seen well. */
  private quiet({ id, beat, epoch }: ShardRecord, isHeld: boolean): number {
    const now = this.needs.clock.monotonic();
    const seen = this.seen.get(id);
    if (!isHeld && seen && seen.beat === beat && seen.epoch === epoch) return now - seen.since;
    this.seen.set(id, { beat, epoch, since: now, moved: isHeld || seen !== undefined });
    return 0;
  }
}

/** @returns what to tell whoever wants something of a shard that this coordinator does not hold. */
export const notHeld = (shard: number): DqueueError =>
  new DqueueError(
    "SHARD_NOT_HELD",
    `Shard ${shard} is changing hands, or has no owner at the moment: look again in some seconds.`,
  );

const noSuchOther = (shard: number, wanted: string, others: readonly string[]): DqueueError =>
  new DqueueError(
    "COORDINATOR_NOT_FOUND",
    `Shard ${shard} cannot go to "${wanted}": others that take shards at the moment are ${[...others].sort().join(", ")}.`,
  );
