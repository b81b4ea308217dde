import { useSyncExternalStore } from "react";

/** A text that the visitor chose, kept in this browser and shared by its tabs. */
export class StoredText<T extends string = string> {
  private readonly watchers = new Set<() => void>();
  private value: T;

  /** @param fits what is stored may be of another version: it counts only where it fits. */
  constructor(
    private readonly key: string,
    private readonly first: T,
    private readonly fits: (text: string) => boolean,
  ) {
    this.value = this.read();
    addEventListener("storage", (event) => {
      if (event.key === this.key) this.change(this.read());
    });
  }

  readonly get = (): T => this.value;

  set(value: T): void {
    try {
      localStorage.setItem(this.key, value);
    } catch {
      // No storage: the choice holds for this page.
    }
    this.change(value);
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  private change(value: T): void {
    this.value = value;
    this.watchers.forEach((watcher) => watcher());
  }

  private read(): T {
    try {
      const stored = localStorage.getItem(this.key);
      return stored !== null && this.fits(stored) ? (stored as T) : this.first;
    } catch {
      return this.first;
    }
  }
}

/** One of a few. */
export class StoredChoice<T extends string> extends StoredText<T> {
  constructor(
    key: string,
    private readonly choices: readonly [T, ...T[]],
  ) {
    super(key, choices[0], (text) => choices.some((choice) => choice === text));
  }

  /** The choice behind this one, the first behind the last. */
  next(): void {
    this.set(this.choices[(this.choices.indexOf(this.get()) + 1) % this.choices.length]!);
  }
}

export const useStored = <T extends string>(stored: StoredText<T>): T => useSyncExternalStore(stored.watch, stored.get);
