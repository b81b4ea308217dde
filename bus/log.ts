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

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
