import type { StepError } from "../core/errors";
import type { Log, OpContext } from "./context";
import { logTo } from "./context";
import type { OpDefinition } from "./op";
import type { StepCall, StepHost } from "./step-call";

export type HookContext = Parameters<NonNullable<OpDefinition["hooks"]["onSuccess"]>>[0];

/** What user code gets; its config, resources and input are put in once they are there. */
export class UserContext implements OpContext<unknown, unknown, unknown> {
  declare readonly log: Log;
  declare readonly signal: AbortSignal;
  declare readonly progress: (fraction: number, message?: string) => void;
  readonly job: string;
  readonly runId: string;
  readonly stepKey: string;
  readonly attempt: number;
  readonly fence: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly committedKeys: readonly string[];
  readonly traceparent: string | null;
  config: unknown = {};
  resources: unknown = {};
  input: unknown = undefined;
  readonly #host: StepHost;
  #log: Log | undefined;

  constructor(call: StepCall, host: StepHost) {
    this.job = call.job;
    this.runId = call.runId;
    this.stepKey = call.stepKey;
    this.attempt = call.attempt;
    this.fence = call.fence;
    this.tags = call.tags;
    this.committedKeys = call.committedKeys ?? [];
    this.traceparent = call.traceparent ?? null;
    this.#host = host;
    const { log, signal, progress } = UserContext.#ASKED_FOR;
    // One by one: all at once costs twice as much.
    Object.defineProperty(this, "log", log);
    Object.defineProperty(this, "signal", signal);
    Object.defineProperty(this, "progress", progress);
  }

  /**
   * Made when they are asked for, since most steps ask for none of them. Own properties, so that a copy of the context
   * has them too; the same accessors for all contexts, since those of a literal would be made for each.
   */
  static readonly #ASKED_FOR: Record<"log" | "signal" | "progress", PropertyDescriptor & ThisType<UserContext>> = {
    log: {
      enumerable: true,
      get() {
        return (this.#log ??= logTo((level, text) => this.#host.log(level, text)));
      },
    },
    signal: {
      enumerable: true,
      get() {
        return this.#host.signal;
      },
    },
    progress: {
      enumerable: true,
      get() {
        return (fraction: number, message?: string): void =>
          this.#host.progress(
            // 0 of what is no number, as 0 / 0 is none.
            Math.min(1, Math.max(0, fraction)) || 0,
            message === undefined ? null : String(message),
          );
      },
    },
  };
}

/** What an op's hooks get. */
export const hookContext = (
  op: OpDefinition,
  { job, runId, stepKey, attempt, fence, traceparent, tags, log, config, resources }: UserContext,
  outputs: Record<string, unknown> | null,
  error: StepError | null,
): HookContext => ({
  ...{ job, runId, stepKey, attempt, fence, traceparent, tags, log, config, resources },
  ...{ op: op.name, outputs, error },
});
