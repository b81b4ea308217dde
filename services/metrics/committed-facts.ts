import { Counter, Histogram, type Registry } from "prom-client";
import type { CommitBatch, RunChange, StepRecord } from "../../core/records";
import { runHasEnded, stepHasEnded } from "../../core/status";
import { HotHistogram } from "./hot-histogram";

/** From what an op of no work takes to an hour. */
const STEP_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
/** From a second to a day. */
const RUN_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

/** `job` is what Prometheus calls whom it scrapes: it would rename ours. */
const JOB = "job_name";

/** What of the events of a batch is needed beside its rows. */
interface Seen {
  retries: number;
  losses: number;
  releases: number;
  /** Runs that were admitted, and that have ended. */
  dequeued: Set<string>;
  ended: Set<string>;
  /** Keys of steps that have begun, by run: to put the two together for each step costs more than the counting. */
  begun: Map<string, Set<string>>;
}

/**
 * Counts runs and steps by what has been committed, each once: a run by its ending event, a step by its ending row. What
 * only was attempted is not in a committed batch, and a repeated or late report leaves nothing there.
 */
export class CommittedFacts {
  private readonly runs: Counter<"job_name" | "status">;
  private readonly runSeconds: Histogram<"job_name">;
  private readonly runWaits: Histogram;
  private readonly steps: Counter<"queue" | "status">;
  private readonly stepSeconds: HotHistogram;
  private readonly stepWaits: HotHistogram;
  private readonly retries: Counter;
  private readonly losses: Counter;
  private readonly releases: Counter;
  /** Looked up by queue for each step: finding them by label objects would cost more than the counting. */
  private readonly byQueue = new Map<string, QueueFigures>();

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> =>
      new Counter({ name, help, labelNames, registers });
    const seconds = <Label extends string>(name: string, help: string, buckets: number[], ...labelNames: Label[]) =>
      new Histogram({ name, help, buckets, labelNames, registers });
    this.runs = counter("dqueue_runs_total", "Runs that have ended, by job and status.", JOB, "status");
    this.runSeconds = seconds(
      "dqueue_run_duration_seconds",
      "Time from the start of runs to their end, of those that had started.",
      RUN_SECONDS,
      JOB,
    );
    this.runWaits = seconds(
      "dqueue_run_wait_seconds",
      "Time from the launch of runs until they may start.",
      RUN_SECONDS,
    );
    this.steps = counter("dqueue_steps_total", "Steps that have ended, by queue and status.", "queue", "status");
    const hot = (name: string, help: string) =>
      new HotHistogram(registry, { name, help, buckets: STEP_SECONDS, labelName: "queue" });
    this.stepSeconds = hot("dqueue_step_duration_seconds", "Duration of the last try of steps that have ended.");
    this.stepWaits = hot("dqueue_step_wait_seconds", "Time from when steps could run until they did.");
    this.retries = counter("dqueue_step_retries_total", "Tries of steps that failed and are followed by another.");
    this.losses = counter("dqueue_step_losses_total", "Steps whose worker or process vanished while they ran.");
    this.releases = counter("dqueue_step_releases_total", "Steps that had begun and were given back without blame.");
  }

  /** A batch that has been committed. */
  count(batch: CommitBatch): void {
    const seen = seenIn(batch);
    this.retries.inc(seen.retries);
    this.losses.inc(seen.losses);
    this.releases.inc(seen.releases);
    if (seen.dequeued.size > 0 || seen.ended.size > 0) for (const run of batch.runs) this.run(run, seen);
    for (const step of batch.steps) this.step(step, seen);
    for (const figures of this.byQueue.values()) figures.flush();
  }

  private run({ id, job, status, createdAt, admittedAt, startedAt, endedAt }: RunChange, seen: Seen): void {
    if (seen.dequeued.has(id)) {
      if (admittedAt !== null) this.runWaits.observe(secondsBetween(createdAt, admittedAt));
      // From its first run on there, so that the first end of a kind is a rise.
      for (const end of ["SUCCESS", "FAILURE", "CANCELED"]) this.runs.inc({ job_name: job, status: end }, 0);
    }
    if (!seen.ended.has(id) || !runHasEnded(status)) return;
    this.runs.inc({ job_name: job, status });
    if (startedAt !== null && endedAt !== null)
      this.runSeconds.observe({ job_name: job }, secondsBetween(startedAt, endedAt));
  }

  private step({ run, step, queue, status, readyAt, startedAt, endedAt }: StepRecord, seen: Seen): void {
    const figures = this.ofQueue(queue);
    if (startedAt !== null && readyAt !== null && seen.begun.get(run)?.has(step))
      figures.waits.observe(secondsBetween(readyAt, startedAt));
    if (!stepHasEnded(status)) return;
    figures.ended(status);
    if (startedAt !== null && endedAt !== null) figures.seconds.observe(secondsBetween(startedAt, endedAt));
  }

  private ofQueue(queue: string): QueueFigures {
    let figures = this.byQueue.get(queue);
    if (!figures) {
      const { steps, stepWaits, stepSeconds } = this;
      figures = new QueueFigures(queue, steps, stepWaits.of(queue), stepSeconds.of(queue));
      this.byQueue.set(queue, figures);
    }
    return figures;
  }
}

const ENDS = ["SUCCESS", "FAILURE", "SKIPPED", "CANCELED"] as const;

/** Of the steps of a queue. Their ends are added up and handed over once per commit. */
class QueueFigures {
  private readonly ends = new Map<string, { count: number; counter: Counter.Internal }>();

  constructor(
    queue: string,
    steps: Counter<"queue" | "status">,
    readonly waits: ReturnType<HotHistogram["of"]>,
    readonly seconds: ReturnType<HotHistogram["of"]>,
  ) {
    for (const status of ENDS) {
      const counter = steps.labels(queue, status);
      counter.inc(0);
      this.ends.set(status, { count: 0, counter });
    }
  }

  ended(status: string): void {
    this.ends.get(status)!.count++;
  }

  flush(): void {
    for (const end of this.ends.values()) {
      if (end.count > 0) end.counter.inc(end.count);
      end.count = 0;
    }
  }
}

const seenIn = ({ events }: CommitBatch): Seen => {
  const seen: Seen = { retries: 0, losses: 0, releases: 0, dequeued: new Set(), ended: new Set(), begun: new Map() };
  for (const { type, run, step } of events) {
    if (type === "STEP_START" || type === "STEP_RESTARTED") noteBegin(seen, run, step!);
    else if (type === "STEP_UP_FOR_RETRY") seen.retries++;
    else if (type === "STEP_LOST") seen.losses++;
    else if (type === "STEP_RELEASED") seen.releases++;
    else if (type === "RUN_DEQUEUED") seen.dequeued.add(run);
    else if (type === "RUN_SUCCESS" || type === "RUN_FAILURE" || type === "RUN_CANCELED") seen.ended.add(run);
  }
  return seen;
};

const noteBegin = ({ begun }: Seen, run: string, step: string): void => {
  let steps = begun.get(run);
  if (!steps) begun.set(run, (steps = new Set()));
  steps.add(step);
};

/** Of two machines' clocks: never less than none. */
const secondsBetween = (from: number, to: number): number => Math.max(0, to - from) / 1_000;
