const MAX_ITEMS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** How much of a generator's output may be under way: it waits while more has been sent than taken. */
export class ItemWindow {
  private items = 0;
  private bytes = 0;
  private resume: (() => void) | null = null;
  private closed = false;

  /** Counts an item; the promise resolves when there is room for the next. */
  sent(bytes: number): void | Promise<void> {
    this.items++;
    this.bytes += bytes;
    if (this.hasRoom()) return;
    return new Promise((resolve) => (this.resume = resolve));
  }

  taken(items: number, bytes: number): void {
    this.items -= items;
    this.bytes -= bytes;
    if (this.hasRoom()) this.wake();
  }

  /** Nobody waits any more: the step is being stopped. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  private hasRoom(): boolean {
    return this.closed || (this.items < MAX_ITEMS && this.bytes < MAX_BYTES);
  }

  private wake(): void {
    this.resume?.();
    this.resume = null;
  }
}
