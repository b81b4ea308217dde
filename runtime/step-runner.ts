import type { StepError } from "../core/errors";
import type { RetryPolicy } from "../core/graph";
import type { Json, JsonObject } from "../core/json";
import { NO_RETRY } from "../sdk/checks";
import type { JobHookContext } from "../sdk/context";
import { logTo } from "../sdk/context";
import type { OpDefinition } from "../sdk/op";
import { performStep } from "../sdk/perform";
import type { StepCall } from "../sdk/step-call";
import { toStepError } from "../sdk/step-error";
import type { LoadedCode } from "./code";
import { currentStep } from "./output-capture";
import { OwnStep, type StepSurroundings } from "./own-step";
import { pagedList } from "./paged-list";
import type { ListPage, StepEnding, StepTask } from "./step-messages";
import { flaw, inputTooLarge } from "./value-limits";

/** Runs steps: bundle by bundle beside each other, the steps of a bundle one after the other. */
export class StepRunner {
  private readonly steps = new Map<number, OwnStep>();
  private nextPage = 1;

  constructor(private readonly around: StepSurroundings) {}

  async run(tasks: StepTask[]): Promise<void> {
    const bundle = tasks.map((task) => new OwnStep(task, this.around));
    for (const step of bundle) this.steps.set(step.task.id, step);
    for (const step of bundle) {
      const ending = step.dropped ? ({ type: "not_begun", at: Date.now() } as const) : await this.perform(step);
      this.end(step, ending);
    }
  }

  abort(id: number, reason: string): void {
    this.steps.get(id)?.stop(reason);
  }

  drop(id: number): void {
    const step = this.steps.get(id);
    if (step && !step.begun) step.dropped = true;
  }

  taken(id: number, items: number, bytes: number): void {
    this.steps.get(id)?.taken(items, bytes);
  }

  page(id: number, request: number, page: ListPage | Error): void {
    this.steps.get(id)?.page(request, page);
  }

  /** An error that no code of the step's caught ends that step. False: it belongs to no step that runs here. */
  escaped(id: number, thrown: unknown): boolean {
    const running = [...this.steps.values()].filter((step) => step.escape);
    const step = this.steps.get(id) ?? (running.length === 1 ? running[0] : undefined);
    if (!step?.escape) return false;
    step.escape(toStepError(thrown, this.around.secrets));
    return true;
  }

  /** Raises every signal and tears the resources down. */
  async close(): Promise<void> {
    for (const id of this.steps.keys()) this.abort(id, "its process ends");
    await this.around.resources.close();
  }

  private end(step: OwnStep, ending: StepEnding): void {
    const { id } = step.task;
    const { records, outbox } = this.around;
    this.steps.delete(id);
    const bytes =
      ending.type === "succeeded" ? Object.values(ending.outputs).reduce((sum, out) => sum + out.bytes, 0) : 0;
    outbox.add({ type: "ended", id, records: records.settle(id), ending }, bytes);
    // Nothing follows that it could share a message with.
    if (this.steps.size === 0) outbox.flush();
  }

  private async perform(step: OwnStep): Promise<StepEnding> {
    const { id, job: jobName, op: opName, hook: ended } = step.task;
    const job = this.around.code.jobs.get(jobName);
    const op = ended ? undefined : job?.ops.get(opName);
    const hook = ended && (ended.event === "success" ? job?.hooks.onSuccess : job?.hooks.onFailure);
    if (!op && !hook) return { type: "unknown_op", at: Date.now() };
    step.begun = true;
    const startedAt = Date.now();
    this.around.begun.begun(id, startedAt);
    const ending = await new Promise<StepEnding>((resolve, reject) => {
      step.escape = (thrown) => resolve({ type: "failed", startedAt, at: Date.now(), ...thrown });
      currentStep
        .run(id, () => (op ? this.performOp(step, op, startedAt) : this.performHook(step, hook!, startedAt)))
        .then(resolve, reject);
    });
    step.escape = null;
    // What a step does once it has been stopped is not the author's doing.
    return ending.type === "failed" && step.stopped() ? { type: "aborted", at: ending.at } : ending;
  }

  private async performOp(step: OwnStep, op: OpDefinition, startedAt: number): Promise<StepEnding> {
    const outcome = await performStep(op, this.callOf(step.task, op), step);
    step.endProgress();
    const at = Date.now();
    const { hooks } = outcome;
    const done = hooks.length > 0 ? { startedAt, at, hooks } : { startedAt, at };
    if (!outcome.ok) return { type: "failed", ...done, ...outcome.thrown };
    const { missing, outputs, task } = step;
    if (missing && missing.size > 0)
      return { type: "failed", ...done, error: fanOutChanged(task.step, missing), retryable: true };
    return { type: "succeeded", ...done, outputs, ...(outcome.items !== null && { items: outcome.items }) };
  }

  private callOf(task: StepTask, op: OpDefinition): StepCall {
    const called: Record<string, { value: Json } | { stream: AsyncIterable<Json> }> = {};
    for (const [name, input] of Object.entries(task.inputs)) {
      called[name] = "value" in input ? input : { stream: this.pagesOf(task.id, task.step, op, name) };
    }
    return new TaskCall(task, called, op, this.around.code);
  }

  private pagesOf(id: number, stepKey: string, op: OpDefinition, input: string): AsyncIterable<Json> {
    const { limits, outbox } = this.around;
    const isStream = op.inputs.some((field) => field.name === input && field.stream);
    const limit = isStream ? Infinity : limits.inputBytes;
    const fetch = (offset: number): Promise<ListPage> => {
      const request = this.nextPage++;
      outbox.add({ type: "get_page", id, request, input, offset });
      // Of a step that has ended nobody reads any more.
      return this.steps.get(id)?.awaitPage(request) ?? new Promise(() => undefined);
    };
    return pagedList(fetch, limit, (bytes) => flaw(inputTooLarge(stepKey, bytes, limit)));
  }

  private async performHook(
    step: OwnStep,
    hook: (context: JobHookContext) => unknown,
    startedAt: number,
  ): Promise<StepEnding> {
    const { job, run: runId, config, tags, traceparent = null } = step.task;
    const { failedSteps, error } = step.task.hook!;
    const log = logTo((level, text) => step.log(level, text));
    try {
      await hook({ job, runId, config, tags, log, traceparent, failedSteps, error });
      return { type: "succeeded", startedAt, at: Date.now(), outputs: {} };
    } catch (thrown) {
      return { type: "failed", startedAt, at: Date.now(), ...toStepError(thrown, this.around.secrets) };
    }
  }
}

/** A task as the SDK performs it. */
class TaskCall implements StepCall {
  readonly job: string;
  readonly runId: string;
  readonly stepKey: string;
  readonly attempt: number;
  readonly fence: number;
  readonly config: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  readonly committedKeys: readonly string[] | undefined;
  readonly traceparent: string | undefined;

  constructor(
    private readonly task: StepTask,
    readonly inputs: StepCall["inputs"],
    private readonly op: OpDefinition,
    private readonly code: LoadedCode,
  ) {
    this.job = task.job;
    this.runId = task.run;
    this.stepKey = task.step;
    this.attempt = task.attempt;
    this.fence = task.fence;
    this.config = task.config;
    this.tags = task.tags;
    this.committedKeys = task.committedKeys;
    this.traceparent = task.traceparent;
  }

  /** Looked up when it is asked for, after a failure: a graph may have thousands of nodes. */
  get retry(): RetryPolicy {
    const nodes = this.code.jobs.get(this.job)?.snapshot.nodes ?? [];
    return nodes.find(({ name }) => name === this.task.node)?.retry ?? this.op.retry ?? NO_RETRY;
  }
}

const fanOutChanged = (step: string, missing: Set<string>): StepError => {
  const [first, ...others] = missing;
  const keys = `"${first}"${others.length > 0 ? ` and ${others.length} more keys` : ""}`;
  return {
    name: "FanOutChanged",
    code: "FAN_OUT_CHANGED",
    message: `Step "${step}" ran again and left out ${keys}, which an earlier try had yielded and whose steps may have run. A generator must yield at least its committed keys again (context.committedKeys).`,
  };
};
