import { writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { OutputRecord } from "./step-messages";

/** Output is cut into records of at most this many characters, so that no record outgrows a log chunk. */
export const MAX_RECORD_CHARS = 16_000;

const waiting = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of `text` before it returns, also to a pipe that is full. False: nobody reads any more. */
const writeAll = (fd: number, text: string): boolean => {
  const size = Buffer.byteLength(text);
  let written = 0;
  while (written < size) {
    try {
      // In one piece, as nearly always, it need not be copied first.
      written += written === 0 ? writeSync(fd, text) : writeSync(fd, Buffer.from(text), written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return false;
      Atomics.wait(waiting, 0, 0, 1);
    }
  }
  return true;
};

/** The writing end, in a step process. Counts the records of each step, so that the reader knows when it has all. */
export class RecordWriter {
  private readonly counts = new Map<number, number>();

  constructor(private readonly fd: number) {}

  write(record: OutputRecord): void {
    const [id] = record;
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    writeAll(this.fd, `${JSON.stringify(record)}\n`);
  }

  /** How many records the step has written; forgets the step. */
  settle(id: number): number {
    const count = this.counts.get(id) ?? 0;
    this.counts.delete(id);
    return count;
  }
}

/** The reading end, in the worker: calls `each` for every whole record; a record cut by a kill is left out. */
export class RecordReader {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly each: (record: OutputRecord) => void) {}

  push(bytes: Buffer): void {
    const lines = (this.rest + this.decoder.write(bytes)).split("\n");
    this.rest = lines.pop()!;
    for (const line of lines) this.each(JSON.parse(line) as OutputRecord);
  }
}
