import type { StepError } from "../core/errors";
import type { Json } from "../core/json";
import type { JobHookContext } from "../sdk/context";
import { logTo } from "../sdk/context";
import { Failure } from "../sdk/errors";
import type { OpDefinition } from "../sdk/op";
import { type StepCall, type StepHost, performStep } from "../sdk/perform";
import { ResourcePool } from "../sdk/resource";
import { type ThrownError, toStepError } from "../sdk/step-error";
import type { LoadedCode } from "./code";
import { ItemWindow } from "./item-window";
import type { Outbox } from "./outbox";
import { currentStep, writeLog } from "./output-capture";
import { pagedList } from "./paged-list";
import { Progress } from "./progress";
import type { RecordWriter } from "./record-pipe";
import type { ListPage, SizedValue, StepEnding, StepTask, ValueLimits } from "./step-messages";
import { inputTooLarge, valueTooLarge } from "./value-limits";

/** A step that this process has taken and not ended. */
interface OwnStep {
  task: StepTask;
  begun: boolean;
  dropped: boolean;
  stopped: boolean;
  abort: AbortController;
  window: ItemWindow;
  pages: Map<number, { resolve(page: ListPage): void; reject(error: Error): void }>;
  /** Ends the step with an error that escaped from its code. */
  escape: ((error: ThrownError) => void) | null;
}

/** A bundle's tries with one node's retry policy: what the code of this version says of it. */
const NO_RETRY = { maxRetries: 0, delayMs: 0, backoff: null, jitter: null } as const;

/** Runs steps: bundle by bundle beside each other, the steps of a bundle one after the other. */
export class StepRunner {
  private readonly steps = new Map<number, OwnStep>();
  private readonly resources = new ResourcePool();
  private nextPage = 1;

  constructor(
    private readonly code: LoadedCode,
    private readonly records: RecordWriter,
    private readonly outbox: Outbox,
    private readonly limits: ValueLimits,
  ) {}

  async run(tasks: StepTask[]): Promise<void> {
    const bundle = tasks.map((task): OwnStep => {
      const window = new ItemWindow();
      return {
        task,
        begun: false,
        dropped: false,
        stopped: false,
        abort: new AbortController(),
        window,
        pages: new Map(),
        escape: null,
      };
    });
    for (const step of bundle) this.steps.set(step.task.id, step);
    for (const step of bundle) {
      const ending = step.dropped ? ({ type: "not_begun", at: Date.now() } as const) : await this.perform(step);
      this.end(step, ending);
    }
  }

  abort(id: number, reason: string): void {
    const step = this.steps.get(id);
    if (!step) return;
    if (!step.begun) step.dropped = true;
    step.stopped = true;
    step.abort.abort(new DOMException(`The step was stopped: ${reason}`, "AbortError"));
    step.window.close();
  }

  drop(id: number): void {
    const step = this.steps.get(id);
    if (step && !step.begun) step.dropped = true;
  }

  taken(id: number, items: number, bytes: number): void {
    this.steps.get(id)?.window.taken(items, bytes);
  }

  page(id: number, request: number, page: ListPage | Error): void {
    const step = this.steps.get(id);
    const waiting = step?.pages.get(request);
    step?.pages.delete(request);
    if (page instanceof Error) waiting?.reject(page);
    else waiting?.resolve(page);
  }

  /** An error that no code of the step's caught ends that step. False: it belongs to no step that runs here. */
  escaped(id: number, thrown: unknown): boolean {
    const running = [...this.steps.values()].filter((step) => step.escape);
    const step = this.steps.get(id) ?? (running.length === 1 ? running[0] : undefined);
    if (!step?.escape) return false;
    step.escape(toStepError(thrown));
    return true;
  }

  /** Raises every signal and tears the resources down. */
  async close(): Promise<void> {
    for (const id of this.steps.keys()) this.abort(id, "its process ends");
    await this.resources.close();
  }

  private end(step: OwnStep, ending: StepEnding): void {
    const { id } = step.task;
    this.steps.delete(id);
    const bytes =
      ending.type === "succeeded" ? Object.values(ending.outputs).reduce((sum, out) => sum + out.bytes, 0) : 0;
    this.outbox.add({ type: "ended", id, records: this.records.settle(id), ending }, bytes);
  }

  private async perform(step: OwnStep): Promise<StepEnding> {
    const { id, action } = step.task;
    const job = this.code.jobs.get(action.job);
    const op = action.hook ? undefined : job?.ops.get(action.op);
    const hook = action.hook && (action.hook.event === "success" ? job?.hooks.onSuccess : job?.hooks.onFailure);
    if (!op && !hook) return { type: "unknown_op", at: Date.now() };
    step.begun = true;
    const startedAt = Date.now();
    this.records.write(["begun", id, startedAt]);
    const ending = await new Promise<StepEnding>((resolve, reject) => {
      step.escape = (thrown) => resolve({ type: "failed", startedAt, at: Date.now(), ...thrown });
      currentStep
        .run(id, () => (op ? this.performOp(step, op, startedAt) : this.performHook(step, hook!, startedAt)))
        .then(resolve, reject);
    });
    step.escape = null;
    // What a step does once it has been stopped is not the author's doing.
    return ending.type === "failed" && step.stopped ? { type: "aborted", at: ending.at } : ending;
  }

  private async performOp(step: OwnStep, op: OpDefinition, startedAt: number): Promise<StepEnding> {
    const { action } = step.task;
    const outputs: Record<string, SizedValue> = {};
    const missing = new Set(action.committedKeys);
    const progress = new Progress((at, fraction, message) =>
      this.outbox.add({ type: "progress", id: step.task.id, at, fraction, message }),
    );
    const outcome = await performStep(op, this.callOf(step, op), this.hostOf(step, outputs, missing, progress));
    progress.stop();
    const at = Date.now();
    const { hooks } = outcome;
    const done = hooks.length > 0 ? { startedAt, at, hooks } : { startedAt, at };
    if (!outcome.ok) return { type: "failed", ...done, ...outcome.thrown };
    if (missing.size > 0)
      return { type: "failed", ...done, error: fanOutChanged(action.step, missing), retryable: true };
    return { type: "succeeded", ...done, outputs, ...(outcome.items !== null && { items: outcome.items }) };
  }

  private callOf({ task }: OwnStep, op: OpDefinition): StepCall {
    const { id, action, inputs } = task;
    const { job, run: runId, step: stepKey, attempt, fence, config, tags, committedKeys } = action;
    const called: Record<string, { value: Json } | { stream: AsyncIterable<Json> }> = {};
    for (const [name, input] of Object.entries(inputs)) {
      called[name] = "value" in input ? input : { stream: this.pagesOf(id, stepKey, op, name) };
    }
    const { nodes } = this.code.jobs.get(job)?.snapshot ?? { nodes: [] };
    return {
      ...{ job, runId, stepKey, attempt, fence, config, tags, committedKeys, inputs: called },
      // Looked up when it is asked for, after a failure: a graph may have thousands of nodes.
      get retry() {
        return nodes.find(({ name }) => name === action.node)?.retry ?? op.retry ?? NO_RETRY;
      },
    };
  }

  private pagesOf(id: number, stepKey: string, op: OpDefinition, input: string): AsyncIterable<Json> {
    const isStream = op.inputs.some((field) => field.name === input && field.stream);
    const limit = isStream ? Infinity : this.limits.inputBytes;
    const fetch = (offset: number): Promise<ListPage> =>
      new Promise((resolve, reject) => {
        const request = this.nextPage++;
        this.steps.get(id)?.pages.set(request, { resolve, reject });
        this.outbox.add({ type: "get_page", id, request, input, offset });
      });
    return pagedList(fetch, limit, (bytes) => flaw(inputTooLarge(stepKey, bytes, limit)));
  }

  private hostOf(
    step: OwnStep,
    outputs: Record<string, SizedValue>,
    missing: Set<string>,
    progress: Progress,
  ): StepHost {
    const { id, action } = step.task;
    return {
      get signal() {
        return step.abort.signal;
      },
      stopped: () => step.stopped,
      resources: this.resources,
      ioManagers: this.code.ioManagers,
      log: (level, text) => writeLog(this.records, id, level, text),
      progress: (fraction, message) => progress.tell(fraction, message),
      output: (name, value) => {
        outputs[name] = this.sized(value, name === "result" ? "The output" : `Output "${name}"`, action.step);
      },
      item: (key, value) => {
        // A committed one is told again too: its first value stands, but the owner counts what this try has yielded.
        missing.delete(key);
        const sized = this.sized(value, `Item "${key}"`, action.step);
        this.outbox.add({ type: "item", id, key, value: sized }, sized.bytes);
        return step.window.sent(sized.bytes);
      },
    };
  }

  private sized(value: Json, what: string, step: string): SizedValue {
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > this.limits.valueBytes) throw flaw(valueTooLarge(what, step, bytes, this.limits.valueBytes));
    return { value, bytes };
  }

  private async performHook(
    step: OwnStep,
    hook: (context: JobHookContext) => unknown,
    startedAt: number,
  ): Promise<StepEnding> {
    const { id, action } = step.task;
    const { job, run: runId, config, tags } = action;
    const { failedSteps, error } = action.hook!;
    const log = logTo((level, text) => writeLog(this.records, id, level, text));
    try {
      await hook({ job, runId, config, tags, log, failedSteps, error });
      return { type: "succeeded", startedAt, at: Date.now(), outputs: {} };
    } catch (thrown) {
      return { type: "failed", startedAt, at: Date.now(), ...toStepError(thrown) };
    }
  }
}

/** An error of ours that no retry mends, as something to throw through user code's frames. */
const flaw = ({ name, code, message }: StepError): Error =>
  Object.assign(new Failure(message, { retryable: false }), { name, code });

const fanOutChanged = (step: string, missing: Set<string>): StepError => {
  const [first, ...others] = missing;
  const keys = `"${first}"${others.length > 0 ? ` and ${others.length} more keys` : ""}`;
  return {
    name: "FanOutChanged",
    code: "FAN_OUT_CHANGED",
    message: `Step "${step}" ran again and left out ${keys}, which an earlier try had yielded and whose steps may have run. A generator must yield at least its committed keys again (context.committedKeys).`,
  };
};
