import type { FromStepProcess, StepMessage } from "./step-messages";

const FULL_MESSAGES = 200;
const FULL_BYTES = 256 * 1024;
/** Reading the memory of a process costs as much as a small step. */
const RSS_MS = 1_000;

/** Sends messages to the worker in batches: what one turn of the event loop brings goes out together. */
export class Outbox {
  private messages: StepMessage[] = [];
  private bytes = 0;
  private scheduled = false;
  private rssBytes = 0;
  private rssAt = -Infinity;

  constructor(private readonly send: (message: FromStepProcess) => void) {}

  add(message: StepMessage, bytes = 0): void {
    this.messages.push(message);
    this.bytes += bytes;
    if (this.messages.length >= FULL_MESSAGES || this.bytes >= FULL_BYTES) return this.flush();
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.messages.length === 0) return;
    const messages = this.messages;
    this.messages = [];
    this.bytes = 0;
    const now = performance.now();
    if (now - this.rssAt > RSS_MS) {
      this.rssAt = now;
      this.rssBytes = process.memoryUsage.rss();
    }
    this.send({ type: "batch", messages, rssBytes: this.rssBytes });
  }
}
