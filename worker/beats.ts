import type { WorkerBeat } from "../core/messages";
import type { Clock, ExecutorPorts, Timer } from "./ports";

export const BEAT_MS = 1_000;
/** A worker whose beats have not gone through for this long may have been replaced: steps that hold a pool end. */
export const CUT_OFF_MS = 4_000;
/** While the broker is away, no more beats than this wait for it. */
const MAX_UNCONFIRMED = 3;

/** The worker's heartbeat: says each second what it holds, and knows since when it has not been heard. */
export class Beats {
  private seq = 0;
  private unconfirmed = 0;
  /** When the last beat that was confirmed had been sent. */
  private heardAt: number;
  private timer: Timer | null = null;
  private cutOffTimer: Timer | null = null;
  private stopped = true;

  constructor(
    private readonly clock: Clock,
    private readonly ports: Pick<ExecutorPorts, "publishBeat" | "warn">,
    private readonly describe: () => Omit<WorkerBeat, "seq">,
    private readonly cutOff: () => void,
  ) {
    this.heardAt = clock.now();
  }

  start(): void {
    this.stopped = false;
    this.heardAt = this.clock.now();
    this.watchCutOff();
    this.tick();
  }

  /** The last word; resolves when it is confirmed or has failed. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    this.cutOffTimer?.cancel();
    await this.send({});
  }

  isCutOff(): boolean {
    return this.clock.now() - this.heardAt >= CUT_OFF_MS;
  }

  /** A beat out of turn, which answers a roll call. */
  answer(rollCall: string): void {
    void this.send({ rollCall });
  }

  private tick(): void {
    if (this.stopped) return;
    if (this.unconfirmed < MAX_UNCONFIRMED) void this.send({});
    this.timer = this.clock.after(BEAT_MS, () => this.tick());
  }

  private async send(extra: Pick<WorkerBeat, "rollCall">): Promise<void> {
    const sentAt = this.clock.now();
    this.unconfirmed++;
    try {
      await this.ports.publishBeat({ ...this.describe(), ...extra, seq: this.seq++ });
      if (sentAt > this.heardAt) this.heardAt = sentAt;
    } catch (error) {
      this.ports.warn(`A heartbeat did not go out: ${(error as Error).message}`);
    } finally {
      this.unconfirmed--;
    }
  }

  private watchCutOff(): void {
    const left = Math.max(this.heardAt + CUT_OFF_MS - this.clock.now(), 0);
    this.cutOffTimer = this.clock.after(left > 0 ? left : BEAT_MS, () => {
      if (this.isCutOff()) this.cutOff();
      this.watchCutOff();
    });
  }
}
