import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { StepError } from "../core/errors";
import type { LogLine } from "../core/messages";
import { BegunMarks } from "../runtime/begun-marks";
import type { CodeBundle } from "../runtime/bundle";
import type { SecretRules } from "../runtime/process-secrets";
import { RecordReader } from "../runtime/record-pipe";
import {
  type FromStepProcess,
  RECORD_FD,
  type StepMessage,
  type OutputRecord,
  type StepProcessSettings,
  type ToStepProcess,
  type ValueLimits,
} from "../runtime/step-messages";
import { killUserProcess, startUserProcess } from "../runtime/user-process";

export interface ChildOptions {
  bundle: CodeBundle;
  limits: ValueLimits;
  secrets: SecretRules;
  /** Heap of the process in MB; null: as much as Node allows by itself. */
  heapMb: number | null;
  env: NodeJS.ProcessEnv;
  /** ms for loading the code before the start counts as failed. */
  startMs: number;
}

/** How a process ended. `wanted`: we ended it. */
export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  wanted: boolean;
  /** The last 4 KB that it wrote to descriptor 2 by itself: V8's last words stand there. */
  lastWords: string;
  /** Why it never became ready, if it said so. */
  startError: StepError | null;
}

/** What a step process tells the pool. */
export interface ChildEvents {
  ready(): void;
  record(record: OutputRecord): void;
  messages(messages: StepMessage[]): void;
  /** Output that did not pass through the process's own streams: of native code and of its children. */
  raw(stream: LogLine["stream"] & ("stdout" | "stderr"), text: string): void;
  /** It must take no more steps. */
  worn(why: string): void;
  /** Comes once, last: everything that it wrote has been read. */
  exit(exit: ChildExit): void;
}

const LAST_WORDS = 4_096;
/** A child of the step's that outlives it may hold the pipes open; its words are not waited for. */
const CLOSE_MS = 1_000;

/** One step process: its start, its channels and its end. It leads a process group, so that its children go with it. */
export class StepChild {
  readonly pid: number | undefined;
  rssBytes = 0;
  private readonly child: ChildProcess;
  private readonly marks = new BegunMarks();
  private readonly startTimer: NodeJS.Timeout;
  private wanted = false;
  private ended = false;
  private lastWords = "";
  private startError: StepError | null = null;
  private exitStatus: Pick<ChildExit, "code" | "signal"> | null = null;

  constructor(
    options: ChildOptions,
    private readonly events: ChildEvents,
  ) {
    const { bundle, limits, secrets } = options;
    const settings: StepProcessSettings = { bundle, limits, secrets };
    this.child = startUserProcess("runtime/step-process.js", settings, {
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe", this.marks.fd],
      execArgv: options.heapMb === null ? [] : [`--max-old-space-size=${options.heapMb}`],
      env: options.env,
    });
    this.pid = this.child.pid;
    this.startTimer = setTimeout(() => this.startTookTooLong(options.startMs), options.startMs);
    this.listen();
  }

  /** False: the process is gone, and its exit will say so. */
  send(message: ToStepProcess): boolean {
    if (this.ended || !this.child.connected) return false;
    // An error means that it is going away; `exit` tells what becomes of its steps.
    return this.child.send(message, ignore) || this.child.connected;
  }

  /** When it began the step, in ms since the epoch; null: it has not. */
  begunAt(id: number): number | null {
    return this.marks.at(id);
  }

  /** SIGKILL to the whole group. */
  kill(): void {
    this.wanted = true;
    killUserProcess(this.child);
  }

  /** Asks it to tear down and exit; kills it after `graceMs`. */
  finish(graceMs: number): void {
    this.wanted = true;
    this.send({ type: "finish" });
    const timer = setTimeout(() => killUserProcess(this.child), graceMs);
    this.child.once("exit", () => clearTimeout(timer));
  }

  private listen(): void {
    const { child, events } = this;
    const records = new RecordReader((record) => events.record(record));
    (child.stdio[RECORD_FD] as Readable).on("data", (bytes: Buffer) => records.push(bytes));
    this.listenRaw("stdout", child.stdout!);
    this.listenRaw("stderr", child.stderr!);
    // After this turn's reads: what a step wrote before it ended is in the pipes already.
    child.on("message", (message) => setImmediate(() => isOurs(message) && this.told(message)));
    child.on("error", (error) => this.over({ code: null, signal: null }, { name: error.name, message: error.message }));
    child.once("exit", (code, signal) => {
      this.exitStatus = { code, signal };
      setTimeout(() => this.over({ code, signal }), CLOSE_MS).unref();
    });
    child.once("close", () => setImmediate(() => this.over(this.exitStatus ?? { code: null, signal: null })));
  }

  private listenRaw(stream: "stdout" | "stderr", pipe: Readable): void {
    const decoder = new StringDecoder("utf8");
    pipe.on("data", (bytes: Buffer) => {
      const text = decoder.write(bytes);
      if (stream === "stderr") this.lastWords = (this.lastWords + text).slice(-LAST_WORDS);
      if (text !== "") this.events.raw(stream, text);
    });
  }

  private told(message: FromStepProcess): void {
    switch (message.type) {
      case "ready":
        clearTimeout(this.startTimer);
        return this.ended ? undefined : this.events.ready();
      case "cannot_start":
        this.startError = message.error;
        return;
      case "worn":
        return this.events.worn(message.why);
      case "batch":
        this.rssBytes = message.rssBytes;
        return this.events.messages(message.messages);
    }
  }

  private startTookTooLong(ms: number): void {
    this.startError = {
      name: "StartTimeout",
      code: "START_TIMEOUT",
      message: `The code was not loaded within ${ms} ms: a module waits or loops while it is imported.`,
    };
    killUserProcess(this.child);
  }

  private over(status: Pick<ChildExit, "code" | "signal">, startError: StepError | null = null): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.startTimer);
    const { wanted, lastWords } = this;
    this.events.exit({ ...status, wanted, lastWords, startError: this.startError ?? startError });
    this.marks.close();
  }
}

/** The step's code runs in the same process, and may have found a way to the same channel. */
const isOurs = (message: unknown): message is FromStepProcess => {
  if (typeof message !== "object" || message === null) return false;
  const { type, messages } = message as { type?: unknown; messages?: unknown };
  return type !== "batch" || (Array.isArray(messages) && messages.every((one) => typeof one === "object" && one));
};

const ignore = (): void => undefined;
