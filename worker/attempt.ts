import type { LogChunk, LogLine, Report, StepAction, StoredValue } from "../core/messages";
import type { ListPage, SizedValue, TaskInput } from "../runtime/step-messages";
import { AttemptLog } from "./attempt-log";
import { endReport } from "./end-report";
import type {
  ExecutorPorts,
  ExecutorSettings,
  PoolStep,
  StepCallbacks,
  StepHandle,
  StepOutcome,
  StepPlace,
  Timer,
} from "./ports";
import type { KeptReport, ReportBatches } from "./report-batches";
import type { StepFailure } from "./step-values";
import { type StepValues } from "./step-values";

/** Why the executor ends a step, or drops it before it begins. */
export type Stop = "cancel" | "timeout" | "drain" | "revoke" | "cut_off" | "bundle_late" | "stale_epoch";
/** Reasons that concern only a step that has not begun; one that begins all the same runs on. */
const ONLY_UNBEGUN: ReadonlySet<Stop> = new Set<Stop>(["bundle_late", "stale_epoch", "drain"]);

/** What attempts share. */
export interface AttemptNeeds {
  ports: ExecutorPorts;
  settings: ExecutorSettings;
  reports: ReportBatches;
  values: StepValues;
  /** Name of this worker, as reports carry it. */
  worker: string;
  epochOf(shard: number): number;
  /** Called once, when the outcome is known and not yet reported. Returns it as it is to be reported. */
  onOutcome(attempt: Attempt, outcome: StepOutcome): StepOutcome;
  /** Called once, when the report of the end is confirmed. */
  onSettled(attempt: Attempt): void;
}

const LOG_FLUSH_MS = 150;
/** What a report weighs beside its values. */
export const REPORT_BYTES = 300;
const ITEM_BYTES = 80;
const LINE_BYTES = 80;

/**
 * The executor actor of one dispatch: from its delivery until the report of its end is confirmed. Hears from the pool
 * what the step does, reports it, and ends the step when it is told to or its time is up.
 */
export class Attempt implements StepCallbacks {
  state: "delivered" | "begun" | "ended" = "delivered";
  stopReason: Stop | null = null;
  begunAt = 0;
  /** null: it has not begun. */
  place: StepPlace | null = null;
  /** Resolves when the report of the end is confirmed. */
  readonly settled: Promise<void>;
  private settle!: () => void;
  private onBegun: (() => void) | null = null;
  private handle: StepHandle | null = null;
  private timeout: Timer | null = null;
  /** The report of the start, while it may still be taken back. */
  private started: KeptReport | null = null;
  /** Large values on their way to the store: what follows waits, or the items' order would change. */
  private storing: Promise<void> | null = null;
  /** The store has refused an item: decides how the step ends. */
  private refused: StepFailure | null = null;
  private log: AttemptLog | null = null;
  private logTimer: Timer | null = null;

  constructor(
    readonly action: StepAction,
    private readonly needs: AttemptNeeds,
  ) {
    this.settled = new Promise((resolve) => (this.settle = resolve));
  }

  /** The step as the pool takes it. `onBegun` is called when it begins. */
  forPool(inputs: Record<string, TaskInput>, onBegun: () => void): PoolStep {
    this.onBegun = onBegun;
    return { action: this.action, inputs, on: this };
  }

  inPool(handle: StepHandle): void {
    this.handle = handle;
  }

  /** Ends the step, politely for `graceMs`, or drops it if it has not begun. */
  stop(reason: Stop, graceMs = this.needs.settings.graceMs): void {
    const { state, handle } = this;
    if (state === "ended" || (state === "begun" && (reason === "bundle_late" || reason === "stale_epoch"))) return;
    // A revoke outranks a cancel, and both outrank the rest; otherwise the first reason stands.
    if (this.stopReason === null || reason === "revoke" || (reason === "cancel" && this.stopReason !== "revoke")) {
      this.stopReason = reason;
    }
    if (!handle) this.ended({ type: "not_begun", at: this.needs.ports.clock.now() });
    else if (state === "delivered" && ONLY_UNBEGUN.has(reason)) handle.drop();
    else handle.abort(reason, graceMs);
  }

  /** It cannot be performed at all, e.g. because its inputs are too large. */
  fail({ stepError }: StepFailure): void {
    const at = this.needs.ports.clock.now();
    this.begunAt ||= at;
    this.ended({ type: "failed", startedAt: at, at, error: stepError, retryable: false });
  }

  /** Its start, if it has begun, is kept back no longer. */
  tellStart(): void {
    if (this.state === "delivered") this.handle?.look();
    this.started?.send();
  }

  begun(at: number, place: StepPlace): void {
    const { timeoutMs } = this.action;
    this.hasBegun(at, place);
    this.started = this.needs.reports.addLazily(() => this.startReport(), REPORT_BYTES, at);
    if (timeoutMs !== null) this.timeout = this.needs.ports.clock.after(timeoutMs, () => this.stop("timeout"));
  }

  private hasBegun(at: number, place: StepPlace): void {
    this.state = "begun";
    this.begunAt = at;
    this.place = place;
    if (this.stopReason && ONLY_UNBEGUN.has(this.stopReason)) this.stopReason = null;
    this.onBegun?.();
  }

  private startReport(): Report {
    return { ...this.of(), type: "started", at: this.begunAt, worker: this.needs.worker, ...this.place! };
  }

  progress(at: number, fraction: number, message: string | null): void {
    this.report({ type: "progress", at, fraction, message });
  }

  page(input: string, offset: number): Promise<ListPage> {
    const { run, step } = this.action;
    return this.needs.ports.values.loadListPage({ run, step, input, offset });
  }

  lines(lines: LogLine[]): void {
    this.log ??= new AttemptLog(this.needs.settings.logBytes);
    this.sendLogs(this.log.add(lines));
    if (this.log.pending) {
      this.logTimer ??= this.needs.ports.clock.after(LOG_FLUSH_MS, () => {
        this.logTimer = null;
        this.sendLogs(this.log!.take());
      });
    }
  }

  private sendLogs(chunks: LogChunk[]): void {
    for (const chunk of chunks) {
      const bytes = chunk.lines.reduce((sum, line) => sum + line.text.length + LINE_BYTES, REPORT_BYTES);
      this.report({ type: "logs", attempt: this.action.attempt, chunk }, bytes);
    }
  }

  item(key: string, value: SizedValue, taken: () => void): void {
    const send = (stored: StoredValue): void =>
      this.sendItem([key, stored], "value" in stored ? value.bytes : 0, taken);
    const travel = (): StoredValue | Promise<StoredValue> =>
      this.needs.values.travel(this.action, `Item "${key}"`, value);
    if (!this.storing) {
      const stored = tried(travel);
      if (!(stored instanceof Promise)) return send(stored);
      this.storing = stored.then(send);
    } else this.storing = this.storing.then(travel).then(send);
    this.storing = this.storing.catch((failure: StepFailure) => {
      this.refused ??= failure;
      this.handle?.abort("one of its items cannot be stored", this.needs.settings.graceMs);
      taken();
    });
  }

  private sendItem(item: [string, StoredValue], bytes: number, taken: () => void): void {
    this.tellStart();
    const { shard, run, step, fence } = this.action;
    this.needs.reports.addItems({ shard, run, step, fence, type: "items", items: [item] }, ITEM_BYTES + bytes, taken);
  }

  ended(told: StepOutcome, place: StepPlace | null = null): void {
    if (this.state === "ended") return;
    // A short one ends before it was found to have begun.
    if (this.state === "delivered" && place && "startedAt" in told) this.hasBegun(told.startedAt, place);
    this.state = "ended";
    this.timeout?.cancel();
    this.logTimer?.cancel();
    this.started?.drop();
    if (this.log) this.sendLogs(this.log.end(told.at));
    const outcome = this.needs.onOutcome(this, told);
    const outputs =
      outcome.type === "succeeded" ? smallOutputs(outcome.outputs, this.needs.settings.inlineBytes) : NONE;
    if (outputs && !this.storing) return this.conclude(outcome, outputs);
    void this.concludeOnceStored(outcome);
  }

  private async concludeOnceStored(outcome: StepOutcome): Promise<void> {
    await this.storing;
    const stored: Travelling = { values: {}, bytes: 0 };
    try {
      if (this.refused) throw this.refused;
      for (const [name, value] of Object.entries(outcome.type === "succeeded" ? outcome.outputs : {})) {
        const one = await this.needs.values.travel(this.action, `Output "${name}"`, value);
        if ("value" in one) stored.bytes += value.bytes;
        stored.values[name] = one;
      }
    } catch (failure) {
      const { stepError: error } = failure as StepFailure;
      const startedAt = "startedAt" in outcome ? outcome.startedAt : this.begunAt;
      return this.conclude({ type: "failed", startedAt, at: outcome.at, error, retryable: false }, NONE);
    }
    this.conclude(outcome, stored);
  }

  private conclude(outcome: StepOutcome, { values, bytes }: Travelling): void {
    const { ports, reports } = this.needs;
    const report = endReport(this, outcome, {
      worker: this.needs.worker,
      pid: this.place?.pid ?? ports.pid,
      slot: this.place?.slot,
      now: ports.clock.now(),
      random: ports.random(),
      epoch: this.needs.epochOf(this.action.shard),
      outputs: values,
    });
    const settled = (): void => {
      this.needs.onSettled(this);
      this.settle();
    };
    if (!report) return settled();
    reports.add(report, REPORT_BYTES + bytes, settled);
  }

  private of(): { shard: number; run: string; step: string; fence: number } {
    const { shard, run, step, fence } = this.action;
    return { shard, run, step, fence };
  }

  private report(report: OwnPart, bytes = REPORT_BYTES, confirmed?: () => void): void {
    this.tellStart();
    this.needs.reports.add({ ...this.of(), ...report }, bytes, confirmed);
  }
}

/** What this actor adds to the four fields that every report has. */
type OwnPart =
  Extract<Report, { type: "progress" | "logs" }> extends infer R
    ? R extends Report
      ? Omit<R, "shard" | "run" | "step" | "fence">
      : never
    : never;

/** A throw becomes a rejection, so that there is one way to fail. */
const tried = <T>(act: () => T | Promise<T>): T | Promise<T> => {
  try {
    return act();
  } catch (error) {
    return Promise.reject(error as Error);
  }
};

/** Outputs as they travel, and how much they weigh. */
interface Travelling {
  values: Record<string, StoredValue>;
  bytes: number;
}
const NONE: Travelling = { values: {}, bytes: 0 };

/** null: one of them is too large to travel with the report. */
const smallOutputs = (outputs: Record<string, SizedValue>, limit: number): Travelling | null => {
  const values: Record<string, StoredValue> = {};
  let sum = 0;
  for (const name in outputs) {
    const { value, bytes } = outputs[name]!;
    if (bytes > limit) return null;
    values[name] = { value };
    sum += bytes;
  }
  return { values, bytes: sum };
};
