/** Where the bus writes its lines: Moleculer's logger, or anything alike. */
export interface Log {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}

/** A log that is used before its target is known: the bus is made before the broker that brings the logger. */
export class LateLog implements Log {
  #target: Log | null = null;

  writeTo(target: Log): void {
    this.#target = target;
  }

  debug = (...parts: unknown[]): void => this.#target?.debug(...parts);
  info = (...parts: unknown[]): void => this.#target?.info(...parts);
  warn = (...parts: unknown[]): void => this.#target?.warn(...parts);
  error = (...parts: unknown[]): void => this.#target?.error(...parts);
}

const MOST_LINES = 10;
const WHILE_MS = 10_000;

/** Writes so many lines in a while and counts the rest: a flood of messages is no flood of lines. */
export class FewLines {
  #written = 0;
  #leftOut = 0;
  #since = -Infinity;

  constructor(private readonly write: (line: string) => void) {}

  say(line: string): void {
    const now = performance.now();
    if (now - this.#since >= WHILE_MS) [this.#since, this.#written] = [now, 0];
    if (this.#written++ >= MOST_LINES) return void this.#leftOut++;
    this.write(this.#leftOut > 0 ? `${line} (${this.#leftOut} such lines before it were left out)` : line);
    this.#leftOut = 0;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
