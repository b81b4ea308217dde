import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DqueueError } from "../core/errors";

/** An id and a time, each a float of 8 bytes. */
const MARK_BYTES = 16;
/** A mark is written over by that of the step so many later: by then its own has been read, or its step has ended. */
const MARKS = 16_384;

const positionOf = (id: number): number => (id % MARKS) * MARK_BYTES;

/**
 * The writing end, in a step process: notes that a step has begun before its code runs. In a file that both processes
 * have open, since the system keeps what is written there whatever becomes of the writer, and nobody is woken by it:
 * a message each, of which most steps need none, took 8 % of all CPU of a small step (docs/decisions/0016).
 */
export class BegunWriter {
  private readonly mark = new Float64Array(2);
  private readonly bytes = new Uint8Array(this.mark.buffer);

  constructor(private readonly fd: number) {}

  /** @param at ms since the epoch. */
  begun(id: number, at: number): void {
    this.mark[0] = id;
    this.mark[1] = at;
    writeSync(this.fd, this.bytes, 0, MARK_BYTES, positionOf(id));
  }
}

/** The reading end, in the worker, which makes the file: it has no name, and goes with the last who has it open. */
export class BegunMarks {
  /** For the step process. */
  readonly fd: number;
  private readonly mark = new Float64Array(2);
  private readonly bytes = new Uint8Array(this.mark.buffer);

  /** @throws DqueueError NO_TEMPORARY_FILE where none can be made. */
  constructor() {
    const folder = tmpdir();
    const path = join(folder, `dqueue-${randomUUID()}`);
    try {
      this.fd = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      // The room is taken now: to note a step's beginning never fails for a full disk.
      writeSync(this.fd, new Uint8Array(MARKS * MARK_BYTES));
    } catch (error) {
      const text = `No file can be made in ${folder}: ${(error as Error).message}. Make it writable, or name another folder in TMPDIR.`;
      throw new DqueueError("NO_TEMPORARY_FILE", text);
    }
  }

  /** When the step began, in ms since the epoch; null: it has not. */
  at(id: number): number | null {
    readSync(this.fd, this.bytes, 0, MARK_BYTES, positionOf(id));
    const [of, at] = this.mark;
    return of === id ? at! : null;
  }

  close(): void {
    closeSync(this.fd);
  }
}
