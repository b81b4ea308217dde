import type { Clock, Logger } from "./ports";

/**
 * Does one thing again and again, one turn at a time; `stop` waits for the turn in hand. What fails is tried again. While
 * `due` says that there is nothing to do, turns are passed over: they could not tell whether it goes on.
 */
export class Loop {
  private callOff: (() => void) | null = null;
  private turn: Promise<void> | null = null;
  private again = false;
  private nudged = false;
  private stopped = true;
  /** What the last turn failed with: it is said once, however many turns fail with it. */
  private failure: string | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly what: string,
    private readonly everyMs: number,
    private readonly act: () => Promise<void> | void,
    private readonly due: () => boolean = () => true,
  ) {}

  start(): void {
    this.stopped = false;
    this.wait();
  }

  /** Takes a turn soon, or another one right after the turn in hand; nudges of one moment are one. */
  nudge(): void {
    if (this.nudged) return;
    this.nudged = true;
    this.clock.soon(() => {
      this.nudged = false;
      if (this.stopped) return;
      if (this.turn) this.again = true;
      else this.run();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff?.();
    await this.turn;
  }

  private wait(): void {
    this.callOff = this.clock.after(this.everyMs, () => this.run());
  }

  private run(): void {
    this.callOff?.();
    if (!this.due()) return this.wait();
    this.turn = (async () => this.act())()
      .then(
        () => this.succeeded(),
        (error: Error) => this.failed(error.message),
      )
      .then(() => {
        this.turn = null;
        if (this.stopped) return;
        if (this.again) {
          this.again = false;
          this.run();
        } else this.wait();
      });
  }

  private failed(why: string): void {
    if (this.failure !== why) this.log.warn(`${this.what}: ${why}`);
    this.failure = why;
  }

  private succeeded(): void {
    if (this.failure !== null) this.log.info(`${this.what}: it goes on.`);
    this.failure = null;
  }
}
