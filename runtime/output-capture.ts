import { AsyncLocalStorage } from "node:async_hooks";
import { StringDecoder } from "node:string_decoder";
import type { LogLine } from "../core/messages";
import { MAX_RECORD_CHARS, type RecordWriter } from "./record-pipe";

/** The step that the running code belongs to; 0 = none. */
export const currentStep = new AsyncLocalStorage<number>();
export const currentStepId = (): number => currentStep.getStore() ?? 0;

type Level = LogLine["level"];
type WriteArguments = [chunk: string | Uint8Array, encodingOrDone?: BufferEncoding | Done, done?: Done];
type Done = (error?: Error | null) => void;

/** One message of a step, e.g. of `ctx.log`. */
export const writeLog = (records: RecordWriter, id: number, level: Level, text: string): void => {
  for (const piece of pieces(text)) records.write([id, Date.now(), "log", level, piece]);
};

function* pieces(text: string): Iterable<string> {
  if (text.length <= MAX_RECORD_CHARS) return yield text;
  for (let from = 0; from < text.length;) {
    let to = from + MAX_RECORD_CHARS;
    // Never between the halves of a surrogate pair.
    if (to < text.length && /[\ud800-\udbff]/.test(text[to - 1]!)) to--;
    yield text.slice(from, to);
    from = to;
  }
}

/** console.warn is a warning, not an error, though both go to stderr. */
let consoleLevel: Level | null = null;
const CONSOLE_LEVELS = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
  trace: "debug",
} as const;

/**
 * From now on everything written through `process.stdout`, `process.stderr` and `console` goes to the record pipe at
 * once, under the step whose code wrote it. What native code or a child process writes on descriptors 1 and 2 does not
 * pass here; the worker reads those.
 */
export const captureOutput = (records: RecordWriter): void => {
  captureStream(records, "stdout", "info");
  captureStream(records, "stderr", "error");
  for (const [method, level] of Object.entries(CONSOLE_LEVELS) as [keyof typeof CONSOLE_LEVELS, Level][]) {
    const write = console[method].bind(console);
    console[method] = (...values: unknown[]): void => {
      consoleLevel = level;
      try {
        write(...values);
      } finally {
        consoleLevel = null;
      }
    };
  }
};

const captureStream = (records: RecordWriter, stream: "stdout" | "stderr", level: Level): void => {
  const decoders = new Map<number, StringDecoder>();
  process[stream].write = ((...[chunk, encodingOrDone, done]: WriteArguments): boolean => {
    const id = currentStepId();
    const encoding = typeof encodingOrDone === "string" ? encodingOrDone : "utf8";
    const text = typeof chunk === "string" ? decode(chunk, encoding) : decodeBytes(decoders, id, chunk);
    const at = Date.now();
    for (const piece of pieces(text)) records.write([id, at, stream, consoleLevel ?? level, piece]);
    const then = typeof encodingOrDone === "function" ? encodingOrDone : done;
    if (then) process.nextTick(then);
    return true;
  }) as typeof process.stdout.write;
};

const decode = (text: string, encoding: BufferEncoding): string =>
  encoding === "utf8" || encoding === "utf-8" ? text : Buffer.from(text, encoding).toString("utf8");

/** Bytes may end in the middle of a character; its rest comes with the step's next write. */
const decodeBytes = (decoders: Map<number, StringDecoder>, id: number, bytes: Uint8Array): string => {
  let decoder = decoders.get(id);
  if (!decoder) decoders.set(id, (decoder = new StringDecoder("utf8")));
  const text = decoder.write(Buffer.from(bytes));
  if (bytes.length === 0 || (bytes[bytes.length - 1]! & 0x80) === 0) decoders.delete(id);
  return text;
};
