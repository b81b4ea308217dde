import type { Json } from "../core/json";
import type { LogLevel } from "../sdk/context";
import type { IoManager } from "../sdk/io-manager";
import type { StepHost } from "../sdk/step-call";
import type { ResourcePool } from "../sdk/resource";
import type { Secrets } from "../core/secrets";
import type { ThrownError } from "../sdk/step-error";
import type { BegunWriter } from "./begun-marks";
import type { LoadedCode } from "./code";
import { ItemWindow } from "./item-window";
import type { Outbox } from "./outbox";
import { writeLog } from "./output-capture";
import { Progress } from "./progress";
import type { RecordWriter } from "./record-pipe";
import type { ListPage, SizedValue, StepTask, ValueLimits } from "./step-messages";
import { flaw, valueTooLarge } from "./value-limits";

/** What the steps of a process share. */
export interface StepSurroundings {
  readonly code: LoadedCode;
  readonly records: RecordWriter;
  readonly begun: BegunWriter;
  readonly outbox: Outbox;
  readonly limits: ValueLimits;
  readonly secrets: Secrets;
  readonly resources: ResourcePool;
}

interface PageWaiting {
  resolve(page: ListPage): void;
  reject(error: Error): void;
}

/**
 * A step that this process has taken and not ended, as its op sees its surroundings. A class whose rarely needed parts
 * are made when they are asked for: accessors and closures in a literal cost a small step more than its own work.
 */
export class OwnStep implements StepHost {
  begun = false;
  dropped = false;
  /** Ends the step with an error that escaped from its code. */
  escape: ((error: ThrownError) => void) | null = null;
  readonly outputs: Record<string, SizedValue> = {};
  /** Committed keys that this try has not yielded yet. */
  readonly missing: Set<string> | null;
  /** Why it was told to stop. */
  private reason: string | null = null;
  private abort: AbortController | null = null;
  private window: ItemWindow | null = null;
  private told: Progress | null = null;
  private pages: Map<number, PageWaiting> | null = null;

  constructor(
    readonly task: StepTask,
    private readonly around: StepSurroundings,
  ) {
    const { committedKeys } = task;
    this.missing = committedKeys ? new Set(committedKeys) : null;
  }

  get signal(): AbortSignal {
    if (!this.abort) {
      this.abort = new AbortController();
      if (this.reason !== null) this.abort.abort(stopError(this.reason));
    }
    return this.abort.signal;
  }

  stopped(): boolean {
    return this.reason !== null;
  }

  get resources(): ResourcePool {
    return this.around.resources;
  }

  get ioManagers(): ReadonlyMap<string, IoManager> {
    return this.around.code.ioManagers;
  }

  get secrets(): Secrets {
    return this.around.secrets;
  }

  log(level: LogLevel, text: string): void {
    const { records, secrets } = this.around;
    writeLog(records, this.task.id, level, secrets.mask(text));
  }

  progress(fraction: number, message: string | null): void {
    const { id } = this.task;
    this.told ??= new Progress((at, part, text) =>
      this.around.outbox.add({ type: "progress", id, at, fraction: part, message: text }),
    );
    this.told.tell(fraction, message && this.around.secrets.mask(message));
  }

  output(name: string, value: Json): void {
    this.outputs[name] = this.sized(value, name === "result" ? "The output" : `Output "${name}"`);
  }

  item(key: string, value: Json): void | Promise<void> {
    // A committed one is told again too: its first value stands, but the owner counts what this try has yielded.
    this.missing?.delete(key);
    const sized = this.sized(value, `Item "${key}"`);
    this.around.outbox.add({ type: "item", id: this.task.id, key, value: sized }, sized.bytes);
    return (this.window ??= new ItemWindow()).sent(sized.bytes);
  }

  /** Raises its signal; a generator that waits for room goes on and sees it. */
  stop(reason: string): void {
    if (!this.begun) this.dropped = true;
    this.reason ??= reason;
    this.abort?.abort(stopError(reason));
    (this.window ??= new ItemWindow()).close();
  }

  /** Items that have arrived. */
  taken(items: number, bytes: number): void {
    this.window?.taken(items, bytes);
  }

  /** Resolves with the page that answers the request. */
  awaitPage(request: number): Promise<ListPage> {
    return new Promise((resolve, reject) => (this.pages ??= new Map()).set(request, { resolve, reject }));
  }

  page(request: number, page: ListPage | Error): void {
    const waiting = this.pages?.get(request);
    this.pages?.delete(request);
    if (page instanceof Error) waiting?.reject(page);
    else waiting?.resolve(page);
  }

  /** Tells what of its progress still waits. */
  endProgress(): void {
    this.told?.stop();
  }

  private sized(value: Json, what: string): SizedValue {
    const { limits } = this.around;
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > limits.valueBytes) throw flaw(valueTooLarge(what, this.task.step, bytes, limits.valueBytes));
    return { value, bytes };
  }
}

const stopError = (reason: string): DOMException => new DOMException(`The step was stopped: ${reason}`, "AbortError");
