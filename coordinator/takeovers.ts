import type { ShardLease } from "../core/records";
import type { BusClock } from "./bus-clock";
import type { Dispatch, Dispatches } from "./dispatches";
import type { HeldShard } from "./held-shard";
import type { Needs } from "./ports";
import type { Workers } from "./workers";
import { SILENCE_MS } from "./workers";

/**
 * Taking a shard over: rebuild the actors, consume the mailbox, send a mark and call the roll; once the mark is back
 * and every live worker has answered, dispatch again what none of them holds (protocol 3).
 */
export class Takeovers {
  private calls = 0;

  constructor(
    private readonly needs: Needs,
    private readonly time: BusClock,
    private readonly shards: Map<number, HeldShard>,
    private readonly workers: Workers,
    private readonly out: Dispatches,
    private readonly on: { load(shards: number[]): Promise<void>; again(dispatch: Dispatch): void },
  ) {}

  async take(lease: ShardLease): Promise<void> {
    const { bus, log, options } = this.needs;
    const id = `${options.owner}-${++this.calls}`;
    const takeover = { id, takenAt: this.needs.clock.monotonic(), runs: 0, servedMs: null };
    const held: HeldShard = { lease, committed: lease.beat, runs: new Map(), loaded: false, takeover };
    this.shards.set(lease.id, held);
    try {
      await this.on.load([lease.id]);
    } catch (error) {
      if (this.shards.get(lease.id) === held) this.shards.delete(lease.id);
      throw error;
    }
    if (this.shards.get(lease.id) !== held) return;
    held.loaded = true;
    takeover.runs = held.runs.size;
    // Not waited for: while the broker is away, the other shards must still be taken and given up.
    const call = async (): Promise<void> => {
      await bus.openMailbox(lease.id);
      await bus.send(lease.id, { type: "mark", shard: lease.id, id });
    };
    this.callTheRoll(held);
    call().catch((error: Error) => log.debug(`Taking shard ${lease.id} over: ${error.message}`));
  }

  /** A broadcast may be missed, by a worker that is reconnecting: until all have answered it is repeated. */
  callTheRoll({ takeover, lease }: HeldShard): void {
    if (takeover)
      this.needs.bus.order({
        ...{ type: "roll_call", id: takeover.id },
        shards: [{ shard: lease.id, epoch: lease.epoch }],
      });
  }

  /** @returns true where the mark was a takeover's. */
  markIsBack(held: HeldShard, id: string): boolean {
    if (held.takeover?.id !== id) return false;
    held.takeover.servedMs ??= this.needs.clock.monotonic() - held.takeover.takenAt;
    this.conclude(held);
    return true;
  }

  /** Looks whether it is known by now what workers hold. */
  conclude(held: HeldShard): void {
    const { takeover, lease } = held;
    if (!takeover || takeover.servedMs === null || !this.allWorkersAreKnown(takeover.id)) return;
    held.takeover = null;
    let [sentAgain, hadBegun] = [0, 0];
    for (const dispatch of this.out.sweep()) {
      if (dispatch.shard !== lease.id || !dispatch.restored) continue;
      dispatch.restored = false;
      if (dispatch.listedAt !== null) continue;
      sentAgain++;
      if (dispatch.step.status === "STARTED") hadBegun++;
      this.on.again(dispatch);
    }
    const { runs, servedMs } = takeover;
    this.needs.store
      .noteTakeover(lease, { runs, servedMs, sentAgain, hadBegun })
      .catch((error: Error) => this.needs.log.debug(`Noting how shard ${lease.id} was taken over: ${error.message}`));
  }

  private allWorkersAreKnown(rollCall: string): boolean {
    if (this.needs.options.alone) return true;
    // A coordinator that has just started may not have heard every worker yet.
    const restored = [...this.out.sweep()].some((dispatch) => dispatch.restored);
    if (restored && this.time.now() < SILENCE_MS) return false;
    return this.workers.allAnswered(rollCall);
  }
}
