import type { LogLine } from "../client";

/** Lines that are held back at most, and how long those of a run that goes on are: what comes later stands later. */
const MOST_HELD = 50_000;
const QUIET_MS = 250;

/**
 * Lines by time, each step's in its own order. They come by the chunk, a step's lines of up to a second together, so
 * that those of several steps lie beside each other.
 * @param live lines that have come are not held back while no further one does.
 */
export async function* inOrderOfTime(
  lines: AsyncIterable<LogLine>,
  { live, mostHeld = MOST_HELD }: { live: boolean; mostHeld?: number },
): AsyncGenerator<LogLine, void, undefined> {
  const held = new HeldLines();
  const iterator = lines[Symbol.asyncIterator]();
  let coming = iterator.next();
  for (;;) {
    const next = await (live && held.size > 0 ? orQuiet(coming) : coming);
    if (next === null) yield* held.take(held.size);
    else if (next.done) return yield* held.take(held.size);
    else {
      held.add(next.value);
      if (held.size >= mostHeld) yield* held.take(Math.ceil(mostHeld / 2));
      coming = iterator.next();
    }
  }
}

/** null: nothing has come for a while. */
const orQuiet = async <T>(coming: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), QUIET_MS)));
  try {
    return await Promise.race([coming, quiet]);
  } finally {
    clearTimeout(timer);
  }
};

class HeldLines {
  private lines: { line: LogLine; at: string }[] = [];
  /** Clocks of two workers differ: a step's second attempt may seem to begin before its first has ended. */
  private readonly latest = new Map<string, string>();

  get size(): number {
    return this.lines.length;
  }

  add(line: LogLine): void {
    const before = this.latest.get(line.step) ?? "";
    const at = line.at < before ? before : line.at;
    this.latest.set(line.step, at);
    this.lines.push({ line, at });
  }

  /** The earliest ones. */
  take(count: number): LogLine[] {
    this.lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    return this.lines.splice(0, count).map(({ line }) => line);
  }
}
