import type { Clock } from "./ports";

/** An owner says something each second; an echo later than this shows that the bus stood still meanwhile. */
const ECHO_IS_LATE_MS = 2_500;

/**
 * ms that pass only while the bus carries: shown by the owner's own broadcasts coming back to it. Silence is measured
 * by it, so that an outage of the broker, or of the owner's own link, is nobody's silence.
 */
export class BusClock {
  private passed = 0;
  private lastEcho: number | null = null;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.passed;
  }

  echo(): void {
    const now = this.clock.monotonic();
    if (this.lastEcho !== null && now - this.lastEcho <= ECHO_IS_LATE_MS) this.passed += now - this.lastEcho;
    this.lastEcho = now;
  }
}
