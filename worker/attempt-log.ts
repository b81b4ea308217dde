import type { LogChunk, LogLine } from "../core/messages";
import { storableText } from "./storable-text";

export const CHUNK_BYTES = 64 * 1024;
/** What a line weighs beside its text: time, stream, level and punctuation. */
const LINE_OVERHEAD = 80;

/**
 * The output of one attempt, cut into chunks of at most 64 KiB and limited as a whole: what comes after the limit is
 * counted, and a last line says how much was left out.
 */
export class AttemptLog {
  private lines: LogLine[] = [];
  private bytes = 0;
  private kept = 0;
  private seq = 0;
  private omitted = { lines: 0, bytes: 0 };

  constructor(private readonly limitBytes: number) {}

  /** Takes lines in and returns the chunks that are full. */
  add(lines: LogLine[]): LogChunk[] {
    const full: LogChunk[] = [];
    for (const line of lines) {
      const text = storableText(line.text);
      const weight = Buffer.byteLength(text) + LINE_OVERHEAD;
      if (this.omitted.lines > 0 || this.kept + weight > this.limitBytes) {
        this.omitted.lines++;
        this.omitted.bytes += weight - LINE_OVERHEAD;
        continue;
      }
      if (this.bytes + weight > CHUNK_BYTES) full.push(...this.take());
      this.lines.push({ ...line, text });
      this.bytes += weight;
      this.kept += weight;
    }
    return full;
  }

  /** What has gathered, as a chunk; none if there is nothing. */
  take(): LogChunk[] {
    if (this.lines.length === 0) return [];
    const chunk = { seq: this.seq++, lines: this.lines };
    this.lines = [];
    this.bytes = 0;
    return [chunk];
  }

  /** The rest, with the mark of what was left out. */
  end(at: number): LogChunk[] {
    const { lines, bytes } = this.omitted;
    if (lines > 0) {
      const text = `… ${lines} more lines (${bytes} bytes) were left out: the output of one attempt is limited to ${this.limitBytes} bytes.`;
      this.lines.push({ at, stream: "log", level: "warn", text });
      this.omitted = { lines: 0, bytes: 0 };
    }
    return this.take();
  }

  get pending(): boolean {
    return this.lines.length > 0;
  }
}
