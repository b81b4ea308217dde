import { type LoggerBindings, Loggers } from "moleculer";
import pino from "pino";
import pretty from "pino-pretty";
import type { Secrets } from "../core/secrets";
import type { LogFormat, LogLevel } from "./settings";
import { rootSpanId, stepSpanId, traceIdOf } from "./traces/ids";

/** Moleculer's own modules tell at each start what nobody needs to know; their warnings count. */
const CHATTY = /^(broker|registry|transit|cacher|discoverer)/i;

/** Where and how a node logs: for people in a terminal, as JSON lines everywhere else. */
export interface LogTarget {
  level: LogLevel;
  /** null: by whether it is a terminal. */
  format: LogFormat | null;
  /** 1: stdout, 2: stderr. */
  descriptor: 1 | 2;
  /** Masked in every line. */
  secrets: Secrets;
  /** Lines about runs and steps name their traces. */
  traced: boolean;
}

const destination = ({ descriptor, format }: LogTarget): pino.DestinationStream => {
  const terminal = descriptor === 1 ? process.stdout.isTTY : process.stderr.isTTY;
  if ((format ?? (terminal ? "pretty" : "json")) === "json") return pino.destination({ fd: descriptor, sync: true });
  const stream = { destination: descriptor, sync: true, translateTime: "HH:MM:ss.l", ignore: "pid,hostname,node,mod" };
  return pretty({ ...stream, messageFormat: "{mod}: {msg}" });
};

/** Moleculer's log calls as pino's: texts become the message, an error and objects become fields. */
export class NodeLogger extends Loggers.Base {
  readonly #pino: pino.Logger;
  readonly #level: LogLevel;
  readonly #traced: boolean;

  constructor(target: LogTarget) {
    super({ level: target.level });
    this.#level = target.level;
    this.#traced = target.traced;
    this.#pino = pino(
      {
        level: target.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        hooks: { streamWrite: (line) => target.secrets.mask(line) },
      },
      destination(target),
    );
  }

  override getLogHandler(bindings?: LoggerBindings): (type: string, parts: unknown[]) => void {
    const { nodeID: node, mod } = (bindings ?? {}) as { nodeID?: string; mod?: string };
    const quiet = CHATTY.test(mod ?? "") && this.#level === "info";
    const logger = this.#pino.child({ node, mod }, quiet ? { level: "warn" } : {});
    return (type, parts) => {
      // Moleculer says something of every call, which is seldom wanted and costs a small step a part of its time.
      if (!logger.isLevelEnabled(type)) return;
      const texts: string[] = [];
      const fields: Record<string, unknown> = {};
      for (const part of parts) {
        if (part instanceof Error) fields.err = part;
        else if (typeof part === "object" && part !== null) Object.assign(fields, part);
        else texts.push(String(part));
      }
      if (texts.length === 0 && fields.err instanceof Error) texts.push(fields.err.message);
      if (this.#traced && typeof fields.run === "string") Object.assign(fields, traceOf(fields.run, fields.step));
      logger[type as LogLevel](fields, texts.join(" "));
    };
  }
}

/** By which traces and log lines are put together. */
const traceOf = (run: string, step: unknown): object => ({
  trace_id: traceIdOf(run),
  span_id: typeof step === "string" ? stepSpanId(run, step) : rootSpanId(run),
});
