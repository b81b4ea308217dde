/**
 * Makes one of reads that are the same and are asked for in one turn of the event loop: what is news to one stream is
 * news to all that stand at its place. Nobody joins a read that has begun, which may not see what they were woken for.
 */
export class SharedReads {
  private readonly next = new Map<string, Promise<unknown>>();

  /** @param key says all that the answer depends on, beside the time. The answer belongs to all: nobody alters it. */
  read<T>(key: string, read: () => Promise<T>): Promise<T> {
    const joined = this.next.get(key) as Promise<T> | undefined;
    if (joined) return joined;
    const begun = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.next.delete(key);
      return read();
    });
    this.next.set(key, begun);
    return begun;
  }
}
