import { randomUUID } from "node:crypto";
import { DqueueError } from "../core/errors";
import type { Json, JsonObject } from "../core/json";
import type { LogLine } from "../core/messages";
import { compilePlan } from "../core/plan";
import type { EventRecord, RunRecord, StepRecord } from "../core/records";
import { restoreRun } from "../core/restore";
import type { Run, Step } from "../core/run";
import type { RunEvent } from "../core/run-events";
import { transition } from "../core/transition";
import { logTo } from "./context";
import type { InProcessResult, InProcessStep } from "./in-process-result";
import { InProcessValues } from "./in-process-values";
import type { JobDefinition } from "./job";
import { performJobHook } from "./job-hook";
import type { StepHost } from "./step-call";
import { performStep } from "./perform";
import { collectDefinitions } from "./registry";
import type { ResourcePool } from "./resource";
import type { Secrets } from "../core/secrets";
import { toStepError } from "./step-error";

/** One run, performed step by step in this process. */
export class InProcessRun {
  private readonly run: Run;
  private readonly ready: Step[] = [];
  private readonly retries: { step: Step; at: number }[] = [];
  private readonly values = new InProcessValues();
  private readonly records = new Map<string, StepRecord>();
  private readonly events: EventRecord[] = [];
  private readonly logs: { step: string; level: LogLine["level"]; text: string }[] = [];
  private readonly ioManagers;
  private fence = 0;
  /** How far this run's clock is ahead, since it does not wait for retries. */
  private ahead = 0;

  constructor(
    private readonly job: JobDefinition,
    private readonly config: JsonObject,
    private readonly tags: Record<string, string>,
    private readonly resources: ResourcePool,
    private readonly secrets: Secrets,
  ) {
    this.run = restoreRun(newRecord(job, config, tags), compilePlan(job.snapshot), { steps: [], items: [] });
    this.ioManagers = collectDefinitions([job]).ioManagers;
  }

  async execute(): Promise<InProcessResult> {
    const { record } = this.run;
    this.events.push({ run: record.id, seq: 1, at: record.createdAt, type: "RUN_ENQUEUED", step: null, data: null });
    this.apply({ type: "ADMITTED", at: this.now() });
    try {
      for (let step = this.next(); step; step = this.next()) await this.perform(step);
    } finally {
      await this.resources.close();
    }
    return this.result();
  }

  private now(): number {
    return Date.now() + this.ahead;
  }

  private next(): Step | undefined {
    const step = this.ready.shift();
    if (step) return step;
    const due = this.retries.sort((a, b) => a.at - b.at).shift();
    if (!due) return undefined;
    this.ahead += Math.max(0, due.at - this.now());
    this.apply({ type: "RETRY_DUE", step: due.step.key, at: this.now() });
    return this.ready.shift();
  }

  private apply(event: RunEvent): void {
    for (const change of transition(this.run, event)) {
      if (change.type === "ready") this.ready.push(change.step);
      else if (change.type === "retry") this.retries.push(change);
      else if (change.type === "event") this.events.push(change.record);
      else if (change.type === "item") this.values.addItem(change.record);
      else if (change.type === "step") this.keep(change.record);
    }
  }

  private keep(record: StepRecord): void {
    this.records.set(record.step, record);
    if (record.outputs) this.values.setOutputs(record.step, record.outputs);
  }

  private async perform(step: Step): Promise<void> {
    if (!step.ready) return;
    const fence = ++this.fence;
    this.apply({ type: "DISPATCHED", step: step.key, fence, at: this.now() });
    const startedAt = this.now();
    const of = { step: step.key, fence, startedAt, worker: "in-process", pid: process.pid };
    if (step === this.run.hook) return this.performHook(step, of);
    const outputs: Record<string, { value: Json }> = {};
    const abort = new AbortController();
    const host = this.host(step, fence, outputs, abort.signal);
    const outcome = await withinTime(step, abort, this.call(step, fence, host));
    const at = this.now();
    if (outcome.ok) {
      const items = outcome.items ?? undefined;
      return this.apply({ type: "SUCCEEDED", ...of, at, outputs, items, hooks: outcome.hooks });
    }
    // No jitter: what a test sees shall not depend on chance.
    this.apply({ type: "FAILED", ...of, at, ...outcome.thrown, hooks: outcome.hooks, random: 0.5 });
  }

  private host(step: Step, fence: number, outputs: Record<string, { value: Json }>, signal: AbortSignal): StepHost {
    return {
      signal,
      stopped: () => signal.aborted,
      secrets: this.secrets,
      resources: this.resources,
      ioManagers: this.ioManagers,
      log: this.logOf(step),
      progress: (fraction, text) => {
        const message = text && this.secrets.mask(text);
        this.apply({ type: "PROGRESS", step: step.key, fence, at: this.now(), fraction, message });
      },
      output: (name, value) => void (outputs[name] = { value: throughJson(value) }),
      item: (key, value) =>
        this.apply({ type: "ITEM", step: step.key, fence, at: this.now(), key, value: { value: throughJson(value) } }),
    };
  }

  private logOf({ key }: Step): StepHost["log"] {
    return (level, text) => void this.logs.push({ step: key, level, text: this.secrets.mask(text) });
  }

  private call(step: Step, fence: number, host: StepHost): ReturnType<typeof performStep> {
    const { spec } = step.node;
    return performStep(
      this.job.ops.get(spec.op)!,
      {
        job: this.job.name,
        runId: this.run.record.id,
        stepKey: step.key,
        attempt: step.attempt,
        fence,
        config: { ...this.config, ...spec.config },
        tags: { ...this.tags, ...spec.tags },
        committedKeys: step.fan ? [...step.fan.keys.keys()] : [],
        inputs: this.values.inputsOf(this.run, step),
        retry: spec.retry,
      },
      host,
    );
  }

  private async performHook(
    step: Step,
    of: { step: string; fence: number; startedAt: number; worker: string; pid: number },
  ): Promise<void> {
    const { run, job } = this;
    const context = {
      job: job.name,
      runId: run.record.id,
      config: this.config,
      tags: this.tags,
      log: logTo(this.logOf(step)),
      traceparent: null,
      failedSteps: [...run.failedSteps],
      error: run.error,
    };
    const error = await performJobHook(job, run.status === "SUCCESS" ? "success" : "failure", context, this.secrets);
    const at = this.now();
    if (!error) this.apply({ type: "SUCCEEDED", ...of, at, outputs: {} });
    else this.apply({ type: "FAILED", ...of, at, error, retryable: false, random: 0.5 });
  }

  private result(): InProcessResult {
    const { run, values, records } = this;
    const steps: Record<string, InProcessStep> = {};
    const outputs: Record<string, unknown> = {};
    const named = (step: Step): boolean => this.job.ops.get(step.node.spec.op)!.named;
    for (const step of run.steps.values()) {
      const { status, skipReason } = step;
      steps[step.key] = {
        status,
        skipReason,
        attempts: step.startedAt === null ? 0 : step.attempt,
        error: records.get(step.key)?.error ?? null,
      };
      if (status === "SUCCESS") outputs[step.key] = values.shown(step, named(step));
    }
    return {
      runId: run.record.id,
      status: run.status as InProcessResult["status"],
      error: run.error,
      steps,
      outputs,
      output: (step) => {
        if (Object.hasOwn(outputs, step)) return outputs[step];
        const found = steps[step];
        const why = found
          ? `is ${found.status}${found.error ? `: ${found.error.message}` : ""}`
          : `does not exist; there are ${Object.keys(steps).slice(0, 20).join(", ")}`;
        throw new Error(`The step "${step}" of job "${this.job.name}" has no output: it ${why}`);
      },
      events: this.events,
      logs: this.logs,
    };
  }
}

const throughJson = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

/** Ends the wait for a step at its timeout; the step itself is only asked to stop. */
const withinTime = async (
  step: Step,
  abort: AbortController,
  outcome: ReturnType<typeof performStep>,
): ReturnType<typeof performStep> => {
  const { timeoutMs } = step.node.spec;
  if (timeoutMs === null) return outcome;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(timeoutMs, 2 ** 31 - 1)))).then(
    () => {
      const error = new DqueueError(
        "TIMEOUT",
        `The step "${step.key}" took longer than its timeout of ${timeoutMs} ms.`,
      );
      abort.abort(error);
      return { ok: false as const, thrown: toStepError(error), hooks: [] };
    },
  );
  try {
    return await Promise.race([outcome, tooLong]);
  } finally {
    clearTimeout(timer);
  }
};

const newRecord = (job: JobDefinition, config: JsonObject, tags: Record<string, string>): RunRecord => ({
  id: randomUUID(),
  job: job.name,
  shard: 0,
  status: "QUEUED",
  priority: 0,
  tags,
  config,
  graph: job.snapshot,
  selection: null,
  parentRunId: null,
  rootRunId: null,
  createdAt: Date.now(),
  admittedAt: null,
  startedAt: null,
  endedAt: null,
  cancelRequestedAt: null,
  failureReason: null,
  seq: 1,
});
