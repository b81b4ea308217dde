import type { ShardLease } from "../core/records";
import { Loop } from "./loop";
import type { Needs } from "./ports";

/** A queued run whose line was lost is found by this sweep. */
const SWEEP_MS = 1_000;

/** The admitter: whoever owns shard 0 grants queued runs, by priority and age, up to the limit. */
export class Admission {
  private readonly loop: Loop;

  constructor(
    needs: Needs,
    /** The lease of shard 0, while this coordinator owns it. */
    lease: () => ShardLease | undefined,
    /** These runs may start: tell the owners of their shards. */
    granted: (grants: { run: string; shard: number }[]) => void,
  ) {
    const admit = async (): Promise<void> => {
      const { owner, maxConcurrentRuns } = needs.options;
      const grants = await needs.store.admitQueued(maxConcurrentRuns, { owner, epoch: lease()!.epoch });
      if (grants.length > 0) granted(grants);
    };
    this.loop = new Loop(needs.clock, needs.log, "Admitting queued runs", SWEEP_MS, admit, () => lease() !== undefined);
  }

  start(): void {
    this.loop.start();
  }

  /** A run was queued, or room has come. */
  look(): void {
    this.loop.nudge();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }
}
