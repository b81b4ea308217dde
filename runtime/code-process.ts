import type { ChildProcess } from "node:child_process";
import { DqueueError, type StepError } from "../core/errors";
import type { Said } from "../core/sensing";
import type { AskedProcessSettings, Question, Reply } from "./asked-process";
import type { CodeBundle } from "./bundle";
import { type SecretRules, secretsOf } from "./process-secrets";
import { killUserProcess, startUserProcess } from "./user-process";
import { WholeLines } from "./whole-lines";

/** An error that user code threw in a process of its own, by value. Without its stack it has none: ours says nothing. */
export const errorOfUserCode = ({ name, message, code, stack, metadata, cause }: StepError): Error =>
  Object.assign(new Error(message, cause ? { cause: errorOfUserCode(cause) } : undefined), {
    name,
    stack: stack ?? `${name}: ${message}`,
    ...(code !== undefined && { code }),
    ...(metadata !== undefined && { metadata }),
  });

export interface AskOptions {
  timeoutMs: number;
  signal?: AbortSignal;
  /** Hears what is written meanwhile, before the answer; of a question that says `listen`. */
  heard?: (said: Said) => void;
}

const LAST_WORDS = 2_000;

/** A child process that has loaded a bundle and answers one question at a time. */
export class CodeProcess {
  alive = true;
  private readonly child: ChildProcess;
  private readonly ready: Promise<void>;
  private lastWords = "";
  private death: Error = new DqueueError("USER_CODE_CRASHED", "The process has ended.");
  private heard: AskOptions["heard"];
  private answer: ((reply: Reply | Error) => void) | null = null;

  constructor(
    readonly bundle: CodeBundle,
    rules: SecretRules,
    output: (text: string) => void,
  ) {
    const told: AskedProcessSettings = { bundle, secrets: rules };
    this.child = startUserProcess("runtime/asked-process.js", told, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: process.env,
    });
    const secrets = secretsOf(rules);
    const lines = [this.child.stdout!, this.child.stderr!].map((pipe) => {
      const ofPipe = new WholeLines(secrets, (text) => {
        this.lastWords = (this.lastWords + text).slice(-LAST_WORDS);
        output(text);
      });
      pipe.on("data", (bytes: Buffer) => ofPipe.push(bytes));
      return ofPipe;
    });
    this.ready = this.replied().then((reply) => {
      if (reply.type === "error") throw errorOfUserCode(reply.error);
    });
    this.ready.catch(() => this.kill());
    this.child.on("message", (reply: Reply) => {
      if (reply.type === "said") return this.heard?.(reply.said);
      if (reply.type === "error" && reply.fatal) {
        this.alive = false;
        // Also where nobody has asked anything yet: code that fails behind its loading.
        this.death = errorOfUserCode(reply.error);
      }
      this.settle(reply);
    });
    this.child.on("error", (error) => this.settle(error));
    this.child.once("exit", (code, signal) => {
      this.alive = false;
      for (const ofPipe of lines) ofPipe.end();
      const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
      const words = this.lastWords.trim();
      this.settle(new DqueueError("USER_CODE_CRASHED", `The process ${how}.${words === "" ? "" : `\n${words}`}`));
    });
  }

  /**
   * Asks and waits for the answer. The process is killed, with all that it started, once `timeoutMs` have passed or the
   * signal is raised. Throws what the user's code threw, or a DqueueError USER_CODE_TIMEOUT or USER_CODE_CRASHED.
   */
  async ask<T>(question: Question, what: string, { timeoutMs, signal, heard }: AskOptions): Promise<T> {
    const timeout = new DqueueError("USER_CODE_TIMEOUT", `${what} took longer than ${timeoutMs} ms and was ended.`);
    const timer = setTimeout(() => this.end(timeout), timeoutMs);
    const abort = (): void => this.end(signal!.reason instanceof Error ? signal!.reason : new Error("aborted"));
    signal?.addEventListener("abort", abort);
    try {
      signal?.throwIfAborted();
      await this.ready;
      this.heard = heard;
      this.child.send(question, () => undefined);
      const reply = await this.replied();
      if (reply.type === "error") throw errorOfUserCode(reply.error);
      return (reply as Extract<Reply, { type: "answer" }>).answer as T;
    } finally {
      clearTimeout(timer);
      this.heard = undefined;
      signal?.removeEventListener("abort", abort);
    }
  }

  kill(): void {
    killUserProcess(this.child);
    this.alive = false;
  }

  private end(why: Error): void {
    this.death = why;
    this.settle(why);
    this.kill();
  }

  private settle(reply: Reply | Error): void {
    const answer = this.answer;
    this.answer = null;
    answer?.(reply);
  }

  private replied(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (!this.alive) return reject(this.death);
      this.answer = (reply) => (reply instanceof Error ? reject(reply) : resolve(reply));
    });
  }
}
