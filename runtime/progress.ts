const PACE_MS = 200;

/** Passes a step's progress on, at most five times a second: the latest counts. */
export class Progress {
  private toldAt = -Infinity;
  private waiting: { fraction: number; message: string | null } | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly pass: (at: number, fraction: number, message: string | null) => void) {}

  tell(fraction: number, message: string | null): void {
    this.waiting = { fraction, message };
    const left = this.toldAt + PACE_MS - performance.now();
    if (left <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), left);
  }

  /** What waits is told now. */
  stop(): void {
    if (this.waiting) this.flush();
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.waiting) return;
    const { fraction, message } = this.waiting;
    this.waiting = null;
    this.toldAt = performance.now();
    this.pass(Date.now(), fraction, message);
  }
}
