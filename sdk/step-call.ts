import type { RetryPolicy } from "../core/graph";
import type { Json, JsonObject } from "../core/json";
import type { Secrets } from "../core/secrets";
import type { LogLevel } from "./context";
import type { IoManager } from "./io-manager";
import type { ResourcePool } from "./resource";

/** One execution of a step, as it was dispatched. */
export interface StepCall {
  job: string;
  runId: string;
  stepKey: string;
  attempt: number;
  fence: number;
  /** The run's config with the node's fixed config over it. */
  config: JsonObject;
  tags: Readonly<Record<string, string>>;
  committedKeys?: readonly string[];
  /** Absent where traces are off. */
  traceparent?: string;
  /** By input name ("" = the whole input): a value, or for an input that is a stream its elements. */
  inputs: Readonly<Record<string, { value: Json } | { stream: AsyncIterable<Json> }>>;
  /** The node's policy, to know whether a failure is final; hooks run only then. */
  retry: RetryPolicy;
}

/** Where a step's doings go. */
export interface StepHost {
  /** Made when it is first asked for: of all that a short step costs here, its signal would be the most. */
  readonly signal: AbortSignal;
  /** True once the signal is aborted. */
  stopped(): boolean;
  readonly secrets: Secrets;
  readonly resources: ResourcePool;
  /** IO managers of the code location, by name. */
  readonly ioManagers: ReadonlyMap<string, IoManager>;
  log(level: LogLevel, text: string): void;
  progress(fraction: number, message: string | null): void;
  /** An output. What it throws fails the step. */
  output(name: string, value: Json): void | Promise<void>;
  /** An item of a generator; the generator goes on when it resolves. What it throws fails the step. */
  item(key: string, value: Json): void | Promise<void>;
}
