import type { ClaimedSensor, CommittedTick, Launched, Tick } from "../core/ticks";
import { failedTick } from "./outcome";
import type { Evaluate, Log, TickStore } from "./ports";
import { evaluateTick } from "./tick";

/** What the loop needs of the world around it. */
export interface LoopNeeds {
  readonly store: TickStore;
  readonly evaluate: Evaluate;
  /** The sensors that the code location of this daemon has: only these can be evaluated here. */
  readonly sensorNames: () => readonly string[];
  /** Unique to this process and this start. */
  readonly owner: string;
  readonly log: Log;
  /** After a commit: the sensor that ticked, and whether runs wait to be admitted. */
  readonly ticked: (sensor: string, launched: Launched) => void;
  /** Evaluations at the same time. */
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  /** How long a stop waits for evaluations before it gives them up. */
  readonly stopGraceMs?: number;
}

/** Of a due sensor that somebody has locked this moment. */
const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 1_000;

/**
 * Evaluates the sensors that are due. Any number of daemons may do so at once: a sensor belongs to who holds its
 * lease, which is short and renewed while the evaluation goes on, so that a dead daemon's sensors are soon taken over.
 */
export class SensorLoop {
  private readonly inHand = new Map<string, Promise<void>>();
  private readonly giveUp = new AbortController();
  private stopping = false;
  private running: Promise<void> | null = null;
  private renewal: NodeJS.Timeout | null = null;
  private wakeUp: (() => void) | null = null;
  private woken = false;
  private complained = false;

  constructor(private readonly needs: LoopNeeds) {}

  start(): void {
    if (this.running) return;
    this.running = this.run();
    const leaseMs = this.leaseMs;
    this.renewal = setInterval(() => void this.renew(leaseMs), leaseMs / 3);
  }

  /** Looks at once instead of at the next due time: something may be due. */
  wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  /** Takes nothing new and waits for the evaluations in hand, which are given up after the grace; frees their leases. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    const grace = setTimeout(() => this.giveUp.abort(), this.needs.stopGraceMs ?? 10_000);
    await Promise.all(this.inHand.values());
    clearTimeout(grace);
    if (this.renewal) clearInterval(this.renewal);
  }

  private get leaseMs(): number {
    return this.needs.leaseMs ?? 15_000;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      const waitMs = await this.turn();
      await this.wait(waitMs);
    }
  }

  /** Takes what is due and returns how long nothing else is. */
  private async turn(): Promise<number> {
    const free = (this.needs.concurrency ?? 4) - this.inHand.size;
    if (free <= 0) return LONGEST_WAIT_MS;
    try {
      const names = this.needs.sensorNames().filter((name) => !this.inHand.has(name));
      const { claimed, nextDueMs } = await this.needs.store.claim(this.needs.owner, names, free, this.leaseMs);
      for (const sensor of claimed) this.take(sensor);
      this.complained = false;
      return Math.min(LONGEST_WAIT_MS, nextDueMs ?? LONGEST_WAIT_MS);
    } catch (error) {
      if (!this.complained) this.needs.log.warn(`Sensors wait: due ones cannot be read. ${messageOf(error)}`);
      this.complained = true;
      return LONGEST_WAIT_MS;
    }
  }

  private take(claimed: ClaimedSensor): void {
    const { name } = claimed.definition;
    const tick = this.tick(claimed).finally(() => {
      this.inHand.delete(name);
      this.wake();
    });
    this.inHand.set(name, tick);
  }

  private async tick(claimed: ClaimedSensor): Promise<void> {
    const { name } = claimed.definition;
    const { store, owner, log } = this.needs;
    try {
      const launched = await this.commit(claimed, await this.evaluate(claimed));
      if (launched) return this.needs.ticked(name, launched);
    } catch (error) {
      // The lease stays until it runs out: a database in trouble is not asked again at once.
      if (!this.giveUp.signal.aborted) {
        return log.warn(`The tick of sensor "${name}" is repeated: it could not be completed. ${messageOf(error)}`);
      }
    }
    await store.release(owner, [name]).catch(() => {});
  }

  private evaluate(claimed: ClaimedSensor): Promise<Tick> {
    const { store, evaluate, timeoutMs = 60_000 } = this.needs;
    return evaluateTick({ store, evaluate, timeoutMs, signal: this.giveUp.signal }, claimed);
  }

  private async commit(claimed: ClaimedSensor, tick: Tick): Promise<CommittedTick | null> {
    const { store, owner } = this.needs;
    try {
      return await store.commit(owner, tick);
    } catch (error) {
      if (isOfDatabase(error)) throw error;
      // The database refuses a value for good: that is the sensor's failure, and repeating it would not help.
      return store.commit(owner, failedTick(claimed, error));
    }
  }

  private async renew(leaseMs: number): Promise<void> {
    const names = [...this.inHand.keys()];
    if (names.length === 0) return;
    // A renewal that fails is followed by another before the lease ends; if none gets through, the tick is void.
    await this.needs.store.renew(this.needs.owner, names, leaseMs).catch(() => {});
  }

  private wait(ms: number): Promise<void> {
    if (this.woken || this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.wakeUp = null;
        resolve();
      };
      const timer = setTimeout(done, Math.max(ms, SHORTEST_WAIT_MS));
      this.wakeUp = done;
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isOfDatabase = (error: unknown): boolean =>
  /^DATABASE_/.test(String((error as { code?: unknown } | null)?.code ?? ""));
