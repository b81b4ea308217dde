import type { Json } from "../core/json";
import type { StoredValue } from "../core/messages";
import type { ValueKey } from "../core/records";

const MAX_BYTES = 32 * 1024 * 1024;

/** Values that have just been reported, so that the next step need not read back what was written a moment ago. */
export class ValueCache {
  private readonly values = new Map<string, { value: StoredValue; size: number }>();
  private bytes = 0;

  put(key: ValueKey, value: StoredValue): void {
    const name = nameOf(key);
    // The first commit of an item wins; an output is reported once.
    if (this.values.has(name)) return;
    const size = name.length * 2 + 64 + ("ref" in value ? 64 : roughSize(value.value));
    this.values.set(name, { value, size });
    this.bytes += size;
    for (const [oldest, { size }] of this.values) {
      if (this.bytes <= MAX_BYTES) break;
      this.values.delete(oldest);
      this.bytes -= size;
    }
  }

  get(key: ValueKey): { value: StoredValue; size: number } | undefined {
    return this.values.get(nameOf(key));
  }

  /** After an uncertain commit: what was reported may not be what stands. */
  clear(): void {
    this.values.clear();
    this.bytes = 0;
  }
}

const nameOf = (key: ValueKey): string =>
  "item" in key ? `${key.run} ${key.step} [${key.item}` : `${key.run} ${key.step} ${key.output}`;

/** Bytes of a value as JSON, within a factor of two: exact counting would cost a serialisation. */
export const roughSize = (value: Json): number => {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  let size = 2;
  if (Array.isArray(value)) for (const element of value) size += roughSize(element) + 1;
  else for (const name in value) size += name.length + 4 + roughSize(value[name]!);
  return size;
};
