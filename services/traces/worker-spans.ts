import type { LogLine, StepAction } from "../../core/messages";
import type { ListPage, SizedValue, TaskInput } from "../../runtime/step-messages";
import type { Pool, PoolStep, StepCallbacks, StepHandle, StepOutcome, StepPlace } from "../../worker/ports";
import { attemptSpanId, stepSpanId, traceIdOf, traceparentOf } from "./ids";
import { exceptionAt, type Span, type Traces } from "./traces";

/** A pool that tells each execution of a step as a span, and the step how to name it to what it calls. */
export const tracedPool = (pool: Pool, traces: Traces, worker: string): Pool => ({
  run: (steps, options) => {
    const traced = steps.map((step) => new TracedStep(step, traces, worker));
    return pool.run(traced, options).map((handle, index) => traced[index]!.watch(handle));
  },
});

class TracedStep implements PoolStep, StepCallbacks {
  readonly action: StepAction;
  readonly inputs: Record<string, TaskInput>;
  readonly on = this;
  private readonly told: StepCallbacks;
  private begunAt: number | null = null;
  /** Why it was told to end; null: it was not. */
  private stopped: string | null = null;

  constructor(
    { action, inputs, on }: PoolStep,
    private readonly traces: Traces,
    private readonly worker: string,
  ) {
    const { run, fence } = action;
    this.action = { ...action, traceparent: traceparentOf(run, fence, traces.keeps(traceIdOf(run))) };
    this.inputs = inputs;
    this.told = on;
  }

  watch(handle: StepHandle): StepHandle {
    return {
      abort: (reason, graceMs) => {
        this.stopped ??= reason;
        handle.abort(reason, graceMs);
      },
      drop: () => handle.drop(),
      look: () => handle.look(),
    };
  }

  begun(at: number, place: StepPlace): void {
    this.begunAt = at;
    this.told.begun(at, place);
  }

  lines(lines: LogLine[]): void {
    this.told.lines(lines);
  }

  progress(at: number, fraction: number, message: string | null): void {
    this.told.progress(at, fraction, message);
  }

  item(key: string, value: SizedValue, taken: () => void): void {
    this.told.item(key, value, taken);
  }

  page(input: string, offset: number): Promise<ListPage> {
    return this.told.page(input, offset);
  }

  ended(outcome: StepOutcome, place: StepPlace | null): void {
    const begunAt = this.begunAt ?? ("startedAt" in outcome ? outcome.startedAt : null);
    if (begunAt !== null && place) this.traces.add(this.span(begunAt, outcome, place));
    this.told.ended(outcome, place);
  }

  private span(start: number, outcome: StepOutcome, { pid, slot }: StepPlace): Span {
    const { run, job, step, op, fence, attempt } = this.action;
    const error = "error" in outcome ? outcome.error : null;
    // What it did once its time was up does not count.
    const timedOut = this.stopped === "timeout";
    return {
      ...{ trace: traceIdOf(run), id: attemptSpanId(fence), parent: stepSpanId(run, step) },
      ...{ part: "worker", kind: "consumer", name: `attempt ${op}` },
      start,
      end: outcome.at,
      failure: timedOut ? "It ran longer than its timeout." : (error?.message ?? null),
      attributes: {
        ...{ "dqueue.run": run, "dqueue.job": job, "dqueue.step": step, "dqueue.op": op },
        ...{ "dqueue.attempt": attempt, "dqueue.fence": fence, "dqueue.outcome": outcome.type },
        ...{ "dqueue.worker": this.worker, "dqueue.slot": slot, "process.pid": pid },
        ...(this.stopped !== null && { "dqueue.stopped": this.stopped }),
      },
      events: error && !timedOut ? [exceptionAt(outcome.at, error)] : [],
    };
  }
}
