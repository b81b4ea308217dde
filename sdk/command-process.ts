import { AsyncResource } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Json, JsonObject } from "../core/json";
import { killGroup, readyWatchman, watchGroup } from "./command-watch";
import type { LogLevel, OpContext } from "./context";
import { Failure } from "./errors";
import type { Item } from "./op";

/** Waits for a word on a descriptor of its own, then becomes the command. */
const GATE_FD = 4;
const GATE = `read -r go <&${GATE_FD} && exec "$@" ${GATE_FD}<&-`;

export interface Command {
  command: readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}
type Context = OpContext<unknown, unknown, unknown>;

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000;
/** Milliseconds that pipes may stay open after the program's own end, held by what it left running. */
const DRAIN_MS = 1_000;
/** Characters of one message: the largest output is far smaller. */
const MAX_LINE = 64 * 1024 * 1024;
const STDERR_LINES = 20;
/** Items that may wait for the step to take them; beyond that the program's pipe is not read. */
const MAX_WAITING = 100;

/** Starts a program for a step. */
export const runCommand = (
  command: Command,
  context: Context,
): { output(): Promise<Json | undefined>; items(): AsyncGenerator<Item<unknown>> } => {
  const running = new RunningCommand(command, context);
  return {
    output: async () => {
      await running.ended;
      return running.output;
    },
    items: () => running.items(),
  };
};

class RunningCommand {
  output: Json | undefined;
  /** Rejects with what failed the step. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly stderr: string[] = [];
  private readonly waiting: Item<unknown>[] = [];
  private failure: Error | null = null;
  private done = false;
  private wake: () => void = () => {};

  constructor(
    private readonly command: Command,
    private readonly context: Context,
  ) {
    const [program, ...args] = command.command;
    readyWatchman();
    // It begins once the watchman knows it: else a kill of this process in between would leave it behind.
    const gated = process.platform !== "win32";
    const [file, ...rest] = gated ? ["/bin/sh", "-c", GATE, "sh", program!, ...args] : [program!, ...args];
    this.child = spawn(file!, rest, {
      cwd: command.cwd,
      env: { ...process.env, ...command.env, ...environment(context) },
      stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
      detached: process.platform !== "win32", // A process group of its own, to be killed as one.
      windowsHide: true,
    });
    this.ended = this.follow();
    this.ended.catch(() => {}); // items() looks at it later.
  }

  /** Yields as the program does; ends the program if the reader stops early. */
  async *items(): AsyncGenerator<Item<unknown>> {
    try {
      for (;;) {
        const item = this.waiting.shift();
        if (this.waiting.length < MAX_WAITING) this.messages.resume();
        if (item) yield item;
        else if (this.done) break;
        else await new Promise<void>((resolve) => (this.wake = resolve));
      }
      await this.ended;
    } finally {
      if (!this.done) killGroup(this.child.pid, "SIGKILL");
    }
  }

  private get messages(): Readable {
    return this.child.stdio[3] as Readable;
  }

  private async follow(): Promise<void> {
    const { child, context } = this;
    const unwatch = watchGroup(child.pid);
    const gate = child.stdio[GATE_FD] as Writable;
    gate.on("error", () => {});
    gate.end("go\n");
    const say = AsyncResource.bind(
      (stream: "stdout" | "stderr", line: string) => void process[stream].write(`${line}\n`),
    );
    eachLine(child.stdout!, (line) => say("stdout", line));
    eachLine(child.stderr!, (line) => {
      this.stderr.push(line);
      if (this.stderr.length > STDERR_LINES) this.stderr.shift();
      say("stderr", line);
    });
    eachLine(
      this.messages,
      AsyncResource.bind((line: string) => this.message(line)),
    );
    // A program that does not read its input closes the pipe: no reason to fail.
    child.stdin!.on("error", () => {});
    child.stdin!.end(JSON.stringify(context.input ?? null));
    const stop = (): void => this.stop();
    context.signal.addEventListener("abort", stop, { once: true });
    if (context.signal.aborted) stop();
    try {
      const [code, signal] = await this.exit();
      this.conclude(code, signal);
    } finally {
      context.signal.removeEventListener("abort", stop);
      unwatch();
      this.done = true;
      this.wake();
    }
  }

  private async exit(): Promise<[number | null, NodeJS.Signals | null]> {
    const { child } = this;
    try {
      const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      if (child.stdio.some((pipe) => pipe && "readable" in pipe && !(pipe as Readable).closed)) {
        const timer = setTimeout(() => killGroup(child.pid, "SIGKILL"), DRAIN_MS);
        this.messages.resume();
        await once(child, "close");
        clearTimeout(timer);
      }
      killGroup(child.pid, "SIGKILL");
      return [code, signal];
    } catch (error) {
      const { cwd, command } = this.command;
      throw notStarted(command, cwd, (error as Error).message, error);
    }
  }

  private stop(): void {
    killGroup(this.child.pid, "SIGTERM");
    setTimeout(() => {
      if (!this.done) killGroup(this.child.pid, "SIGKILL");
    }, GRACE_MS).unref();
  }

  private conclude(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.context.signal.aborted) this.context.signal.throwIfAborted();
    if (this.failure) throw this.failure;
    if (code === 0) return;
    const { command, cwd } = this.command;
    if (/^sh: \d+: exec: .*: not found$/.test(this.stderr.at(-1) ?? ""))
      throw notStarted(command, cwd, `spawn ${command[0]} ENOENT`, undefined);
    const how = signal ? `was ended by ${signal}` : `exited with code ${String(code)}`;
    const last = this.stderr.at(-1);
    throw new Failure(`${this.command.command.join(" ")} ${how}${last ? `: ${last}` : ""}`, {
      metadata: { command: [...this.command.command], exit_code: code, signal, stderr: [...this.stderr] },
    });
  }

  private message(line: string): void {
    if (line.trim() === "") return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return this.refuse(line, "is not JSON");
    }
    if (typeof message !== "object" || message === null) return this.refuse(line, "is not an object");
    const { output, item, log, level, progress, message: text, failure } = message as Record<string, Json>;
    if ("output" in message) this.output = output;
    else if (item !== undefined) {
      this.waiting.push(item as unknown as Item<unknown>);
      if (this.waiting.length >= MAX_WAITING) this.messages.pause();
      this.wake();
    } else if (log !== undefined) this.context.log[levelOf(level)](typeof log === "string" ? log : JSON.stringify(log));
    else if (typeof progress === "number") this.context.progress(progress, typeof text === "string" ? text : undefined);
    else if (failure !== undefined) this.failure ??= failureOf(failure);
    else this.refuse(line, "has none of output, item, log, progress and failure");
  }

  // What cannot be understood may have been the output: better to fail than to lose it.
  private refuse(line: string, why: string): void {
    const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
    this.failure ??= new Failure(`A message of ${this.command.command[0]} on descriptor 3 ${why}: ${shown}`, {
      retryable: false,
    });
    killGroup(this.child.pid, "SIGKILL");
  }
}

const levelOf = (level: Json | undefined): LogLevel =>
  level === "debug" || level === "warn" || level === "error" ? level : "info";

const failureOf = (given: Json): Failure => {
  const { message, metadata, retryable } = (
    typeof given === "object" && given !== null ? given : { message: given }
  ) as JsonObject;
  return new Failure(String(message ?? "The command failed"), {
    metadata: typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) ? metadata : undefined,
    retryable: retryable !== false,
  });
};

const environment = (context: Context): Record<string, string> => ({
  DQUEUE_MESSAGES_FD: "3",
  DQUEUE_JOB: context.job,
  DQUEUE_RUN_ID: context.runId,
  DQUEUE_STEP_KEY: context.stepKey,
  DQUEUE_ATTEMPT: String(context.attempt),
  DQUEUE_FENCE: String(context.fence),
  DQUEUE_CONFIG: JSON.stringify(context.config),
  ...(context.traceparent !== null && { TRACEPARENT: context.traceparent }),
});

/** Calls `each` for every line; the last one needs no newline. */
const eachLine = (source: Readable, each: (line: string) => void): void => {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  source.on("data", (bytes: Buffer) => {
    rest += decoder.write(bytes);
    if (!bytes.includes(0x0a)) {
      if (rest.length > MAX_LINE) source.destroy(new Error("a line is longer than 64 MiB"));
      return;
    }
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const line of lines) each(line.endsWith("\r") ? line.slice(0, -1) : line);
  });
  source.on("end", () => {
    rest += decoder.end();
    if (rest !== "") each(rest);
  });
  source.on("error", (error) => each(`(cannot be read any further: ${error.message})`));
};

const notStarted = (command: readonly string[], cwd: string | undefined, why: string, cause: unknown): Failure =>
  new Failure(
    `The command ${command[0]} could not be started${cwd ? ` in ${cwd}` : ""}: ${why}. Is it installed on this worker?`,
    { cause, metadata: { command: [...command] } },
  );
