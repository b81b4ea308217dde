import type { Json } from "../core/json";
import type { StoredValue } from "../core/messages";
import type { ValueKey } from "../core/records";

const MAX_BYTES = 32 * 1024 * 1024;

interface Cached {
  readonly value: StoredValue;
  readonly size: number;
}

/**
 * Values that have just been reported, so that the next step need not read back what was written a moment ago. By run:
 * what a run leaves behind when it ends would be kept for nobody, at the price of every garbage collection.
 */
export class ValueCache {
  private readonly runs = new Map<string, Map<string, Cached>>();
  private bytes = 0;

  put(key: ValueKey, value: StoredValue): void {
    let values = this.runs.get(key.run);
    if (!values) this.runs.set(key.run, (values = new Map()));
    const name = nameOf(key);
    // The first commit of an item wins; an output is reported once.
    if (values.has(name)) return;
    const size = name.length * 2 + 64 + ("ref" in value ? 64 : roughSize(value.value));
    values.set(name, { value, size });
    this.bytes += size;
    if (this.bytes > MAX_BYTES) this.makeRoom();
  }

  get(key: ValueKey): StoredValue | undefined {
    return this.runs.get(key.run)?.get(nameOf(key))?.value;
  }

  /** A run that has ended, or that is somebody else's now: what was reported may not be what stands. */
  forget(run: string): void {
    for (const { size } of this.runs.get(run)?.values() ?? []) this.bytes -= size;
    this.runs.delete(run);
  }

  /** Oldest run first, and of it the oldest values. */
  private makeRoom(): void {
    for (const [run, values] of this.runs) {
      for (const [name, { size }] of values) {
        if (this.bytes <= MAX_BYTES) return;
        values.delete(name);
        this.bytes -= size;
      }
      this.runs.delete(run);
    }
  }
}

const nameOf = (key: ValueKey): string => ("item" in key ? `${key.step} [${key.item}` : `${key.step} ${key.output}`);

/** Bytes of a value as JSON, within a factor of two: exact counting would cost a serialisation. */
export const roughSize = (value: Json): number => {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  let size = 2;
  if (Array.isArray(value)) for (const element of value) size += roughSize(element) + 1;
  else for (const name in value) size += name.length + 4 + roughSize(value[name]!);
  return size;
};
