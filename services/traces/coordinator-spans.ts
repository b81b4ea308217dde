import type { OwnerStore } from "../../coordinator/ports";
import type { CommitBatch, EventRecord, EventType, RunChange, StepRecord } from "../../core/records";
import { runHasEnded, stepHasEnded } from "../../core/status";
import { rootSpanId, stepSpanId, traceIdOf } from "./ids";
import { type Attributes, exceptionAt, type Span, type SpanEvent, type Traces } from "./traces";

/** Steps of which earlier attempts are remembered. Those of shards that went to another owner are never asked for. */
const REMEMBERED = 10_000;

const RUN_ENDS: ReadonlySet<EventType> = new Set<EventType>(["RUN_SUCCESS", "RUN_FAILURE", "RUN_CANCELED"]);
const SETBACKS: ReadonlySet<EventType> = new Set<EventType>(["STEP_UP_FOR_RETRY", "STEP_LOST", "STEP_RELEASED"]);

/** The store as its owner uses it: runs and steps whose end it has committed are told as spans, each once. */
export const tracedOwnerStore = (store: OwnerStore, traces: Traces): OwnerStore => {
  const spans = new CommittedSpans(traces);
  return {
    ...store,
    commit: async (batch) => {
      const result = await store.commit(batch);
      if (result.ok) spans.tell(batch);
      return result;
    },
  };
};

/** What a step's row tells no more once it has been dispatched again. */
interface Earlier {
  start: number;
  events: SpanEvent[];
}

class CommittedSpans {
  private readonly earlier = new Map<string, Earlier>();

  constructor(private readonly traces: Traces) {}

  tell(batch: CommitBatch): void {
    const ended = new Set<string>();
    for (const event of batch.events) {
      if (RUN_ENDS.has(event.type)) ended.add(event.run);
      else if (SETBACKS.has(event.type)) this.remember(event);
    }
    for (const step of batch.steps) this.step(step);
    for (const run of batch.runs) if (ended.has(run.id) && runHasEnded(run.status)) this.traces.add(runSpan(run));
  }

  private step(step: StepRecord): void {
    const key = `${step.run} ${step.step}`;
    const earlier = this.earlier.get(key);
    if (stepHasEnded(step.status)) {
      this.earlier.delete(key);
      // One that never could run has no time.
      if (step.readyAt !== null && step.endedAt !== null) this.traces.add(stepSpan(step, step.readyAt, earlier));
    } else if (earlier && step.readyAt !== null) earlier.start = Math.min(earlier.start, step.readyAt);
  }

  private remember({ run, step, type, at, data }: EventRecord): void {
    const key = `${run} ${step}`;
    let earlier = this.earlier.get(key);
    if (!earlier) {
      if (this.earlier.size >= REMEMBERED) this.earlier.delete(this.earlier.keys().next().value!);
      this.earlier.set(key, (earlier = { start: at, events: [] }));
    }
    const { started_at, worker, reason } = data ?? {};
    if (typeof started_at === "number") earlier.start = Math.min(earlier.start, started_at);
    const attributes: Attributes = {};
    if (typeof worker === "string") attributes["dqueue.worker"] = worker;
    if (typeof reason === "string") attributes["dqueue.reason"] = reason;
    earlier.events.push({ at, name: type, attributes });
  }
}

const runSpan = (run: RunChange): Span => {
  const { id, job, createdAt, admittedAt, startedAt, endedAt, status, error, failureReason } = run;
  const events: SpanEvent[] = [];
  if (admittedAt !== null) events.push({ at: admittedAt, name: "RUN_DEQUEUED", attributes: {} });
  if (startedAt !== null) events.push({ at: startedAt, name: "RUN_START", attributes: {} });
  return {
    ...{ trace: traceIdOf(id), id: rootSpanId(id), parent: null, part: "coordinator", kind: "internal", events },
    name: `run ${job}`,
    start: createdAt,
    end: endedAt ?? createdAt,
    failure: status === "FAILURE" ? (error?.message ?? failureReason ?? status) : null,
    attributes: {
      "dqueue.run": id,
      "dqueue.job": job,
      "dqueue.status": status,
      "dqueue.steps": run.stepsTotal,
      "dqueue.steps_failed": run.stepsFailed,
    },
  };
};

const stepSpan = (record: StepRecord, readyAt: number, earlier: Earlier | undefined): Span => {
  const { run, step, node, status, queue, attempt, lost, worker, endedAt, error } = record;
  const end = endedAt!;
  return {
    ...{ trace: traceIdOf(run), id: stepSpanId(run, step), parent: rootSpanId(run) },
    ...{ part: "coordinator", kind: "internal", name: `step ${node}` },
    start: Math.min(readyAt, earlier?.start ?? readyAt),
    end,
    failure: status === "FAILURE" ? (error?.message ?? status) : null,
    attributes: {
      ...{ "dqueue.run": run, "dqueue.step": step, "dqueue.status": status, "dqueue.queue": queue },
      ...{ "dqueue.attempts": attempt, "dqueue.lost": lost },
      ...(worker !== null && { "dqueue.worker": worker }),
    },
    events: [...(earlier?.events ?? []), ...(error ? [exceptionAt(end, error)] : [])],
  };
};
