import type { QueueRef } from "../queues";

/** One step queue of an intake: whether it may be consumed, and whether it is. */
export class Lane {
  paused = false;
  /** Its queue is declared on the present connection. */
  ready = false;
  /** Of the consumer, while there is one. */
  tag: string | null = null;
  failures = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(readonly queue: QueueRef) {}

  /** What the last channel knew of it is gone. */
  forget(): void {
    this.clear();
    this.ready = false;
    this.tag = null;
  }

  later(ms: number, act: () => void): void {
    this.clear();
    this.#timer = setTimeout(act, ms);
  }

  clear(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
