import { DqueueError, type StepError } from "../core/errors";
import type { Json } from "../core/json";
import type { StepAction, StepInput, StoredValue } from "../core/messages";
import type { SizedValue, TaskInput } from "../runtime/step-messages";
import { inputTooLarge, valueTooLarge } from "../runtime/value-limits";
import type { Clock, ExecutorPorts, ExecutorSettings } from "./ports";

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5_000;

/** Values by reference, fetched and stored for steps. Trouble of the store's is waited out; its refusals are not. */
export class StepValues {
  constructor(
    private readonly clock: Clock,
    private readonly ports: Pick<ExecutorPorts, "values" | "warn">,
    private readonly settings: Pick<ExecutorSettings, "inlineBytes" | "valueBytes" | "inputBytes">,
  ) {}

  /** The inputs as a step process takes them; null when something has to be fetched first. */
  inline(action: StepAction): Record<string, TaskInput> | null {
    const inputs: Record<string, TaskInput> = {};
    for (const [name, input] of Object.entries(action.inputs)) {
      if ("ref" in input) return null;
      inputs[name] = asTaken(input);
    }
    return inputs;
  }

  /** As `inline`, fetching what is needed. `wanted` is asked before each try; false ends it with null. Throws a StepFailure. */
  async fetch(action: StepAction, wanted: () => boolean): Promise<Record<string, TaskInput> | null> {
    this.checkInputSize(action);
    const inputs: Record<string, TaskInput> = {};
    for (const [name, input] of Object.entries(action.inputs)) {
      if (!wanted()) return null;
      inputs[name] = "ref" in input ? { value: await this.load(action, input, wanted) } : asTaken(input);
    }
    return wanted() ? inputs : null;
  }

  /** A value as it travels; stored first if it is large. Throws a StepFailure if it is too large. */
  travel(action: StepAction, what: string, { value, bytes }: SizedValue): StoredValue | Promise<StoredValue> {
    if (bytes <= this.settings.inlineBytes) return { value };
    if (bytes > this.settings.valueBytes) {
      throw new StepFailure(valueTooLarge(what, action.step, bytes, this.settings.valueBytes));
    }
    const { run, step } = action;
    const store = (): Promise<string> => this.ports.values.store(value, { run, step, bytes });
    return this.persist(action, what, store, () => true).then((ref) => ({ ref, size: bytes }));
  }

  private checkInputSize(action: StepAction): void {
    let bytes = 0;
    for (const input of Object.values(action.inputs)) if ("ref" in input) bytes += input.size;
    if (bytes > this.settings.inputBytes) {
      throw new StepFailure(inputTooLarge(action.step, bytes, this.settings.inputBytes));
    }
  }

  private load({ run, step }: StepAction, { ref }: { ref: string }, wanted: () => boolean): Promise<Json> {
    const load = (): Promise<Json> => this.ports.values.load(ref, { run });
    return this.persist({ run, step }, `an input (value ${ref})`, load, wanted);
  }

  /** Repeats what failed for no reason of the value's: its slot is kept meanwhile, which is what holds the work back. */
  private async persist<T>(
    { run, step }: Pick<StepAction, "run" | "step">,
    what: string,
    attempt: () => Promise<T>,
    wanted: () => boolean,
  ): Promise<T> {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const { message, name } = error as Error;
        const refusal = refusalCode(error);
        if (refusal) throw new StepFailure({ name, code: refusal, message });
        if (!wanted()) throw new StepFailure({ name, message });
        this.ports.warn(`The store could not be reached for ${what} (${message}); trying again in ${wait} ms.`, {
          ...{ run, step },
        });
        await new Promise<void>((resolve) => this.clock.after(wait, resolve));
      }
    }
  }
}

/** The code of an answer that would be the same next time; null: the store may be away for a moment. */
const refusalCode = (error: unknown): string | null => {
  if (error instanceof DqueueError) return error.code;
  const { code, type, retryable } = error as { code?: unknown; type?: unknown; retryable?: unknown };
  if (typeof code !== "number" || code < 400 || code >= 500 || retryable === true) return null;
  return typeof type === "string" && type !== "" ? type : String(code);
};

/** A step that fails before or after its op ran. Not retried: the same would happen again. */
export class StepFailure extends Error {
  constructor(readonly stepError: StepError) {
    super(stepError.message);
  }
}

/** An input that has come whole, or is to be fetched in pages while the step runs. */
const asTaken = (input: Exclude<StepInput, { ref: string }>): TaskInput => {
  if ("pages" in input) return { pages: { count: input.pages.count } };
  return "list" in input ? { value: input.list.map(({ value }) => value) } : input;
};
