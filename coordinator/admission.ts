import type { Admitted, ShardLease } from "../core/records";
import { Loop } from "./loop";
import type { Needs } from "./ports";

/** A queued run whose line was lost is found by this sweep. */
const SWEEP_MS = 1_000;

/** The admitter: whoever owns shard 0 grants queued runs, by priority and age, up to the limit. */
export class Admission {
  private readonly loop: Loop;
  /** There was room for more when it was last looked: until a run is queued, room that comes lets nobody in. */
  private emptied = false;

  constructor(
    needs: Needs,
    /** The lease of shard 0, while this coordinator owns it. */
    lease: () => ShardLease | undefined,
    /** These runs may start: tell the owners of their shards. */
    granted: (grants: Admitted["grants"]) => void,
  ) {
    const admit = async (): Promise<void> => {
      const { owner, maxConcurrentRuns } = needs.options;
      // A run that is queued from here on is looked for in a turn of its own.
      this.emptied = false;
      const { grants, emptied } = await needs.store.admitQueued(maxConcurrentRuns, { owner, epoch: lease()!.epoch });
      this.emptied = emptied;
      if (grants.length > 0) granted(grants);
    };
    this.loop = new Loop(needs.clock, needs.log, "Admitting queued runs", SWEEP_MS, admit, () => lease() !== undefined);
  }

  start(): void {
    this.loop.start();
  }

  /** A run may have been queued. */
  queued(): void {
    this.loop.nudge();
  }

  /** A run has ended. */
  roomCame(): void {
    if (!this.emptied) this.loop.nudge();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }
}
