import { z } from "zod";
import { DqueueError } from "../core/errors";
import type { RetryPolicy } from "../core/graph";
import type { Json, JsonObject } from "../core/json";
import type { HookResult } from "../core/messages";
import { MAPPING_KEY } from "../core/step-key";
import { ownConfig } from "./config-schema";
import type { LogLevel, OpContext } from "./context";
import type { IoManager } from "./io-manager";
import { isIoReference } from "./io-manager";
import type { OpDefinition } from "./op";
import { RESULT } from "./op";
import type { ResourcePool } from "./resource";
import type { InputField, OutputField, Schema } from "./schema";
import type { ThrownError } from "./step-error";
import { toStepError } from "./step-error";
import { checkStorable } from "./storable";
import { contextOf, type HookContext, hookContext } from "./user-context";

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

export type StepOutcome =
  /** `items`: how many a generator has yielded; null for other ops. */
  { ok: true; items: number | null; hooks: HookResult[] } | { ok: false; thrown: ThrownError; hooks: HookResult[] };

/**
 * Performs one step of user code: parses config and inputs, runs the op, checks and hands over what it gives, runs
 * its hooks. Never throws.
 */
export const performStep = async (op: OpDefinition, call: StepCall, host: StepHost): Promise<StepOutcome> => {
  const context = contextOf(call, host);
  const outputs: Record<string, unknown> = {};
  try {
    // Nothing is awaited that is not there: each promise costs a small step a noticeable part of its time.
    if (op.config) context.config = await parseConfig(op, op.config, call);
    if (Object.keys(op.resources).length > 0) context.resources = await host.resources.get(op.resources);
    if (op.inputs.length > 0) context.input = await parseInputs(op, call, host);
    const items = await run(op, call, host, context, outputs);
    if (!op.hooks.onSuccess) return { ok: true, items, hooks: [] };
    const told = hookContext(op, context, op.dynamic ? null : outputs, null);
    return { ok: true, items, hooks: await hook(op, "success", told) };
  } catch (error) {
    const thrown = toStepError(error);
    const maxRetries = thrown.retryRequested?.maxRetries ?? call.retry.maxRetries;
    const final = !thrown.retryable || call.attempt > maxRetries;
    const told = hookContext(op, context, null, thrown.error);
    return { ok: false, thrown, hooks: final && !host.stopped() ? await hook(op, "failure", told) : [] };
  }
};

const run = async (
  op: OpDefinition,
  call: StepCall,
  host: StepHost,
  context: OpContext<unknown, unknown, unknown>,
  outputs: Record<string, unknown>,
): Promise<number | null> => {
  if (host.stopped()) host.signal.throwIfAborted();
  const returned: unknown = op.run(context);
  if (op.dynamic) return await yieldItems(op, call, host, returned);
  const value = await returned;
  if (isAsyncIterator(value))
    throw stepFlaw("NOT_DYNAMIC", op, call, "yields, but does not declare a generator; declare out: dynamic(schema)");
  for (const [field, one] of await outputsOf(op, call, value)) {
    outputs[field.name] = one;
    await host.output(field.name, await stored(op, call, field.name, null, one));
  }
  return null;
};

const isAsyncIterator = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Symbol.asyncIterator in value &&
  typeof (value as AsyncGenerator).next === "function";

const outputsOf = async (op: OpDefinition, call: StepCall, value: unknown): Promise<[OutputField, unknown][]> => {
  const given = op.named ? value : { [RESULT]: value };
  if (typeof given !== "object" || given === null)
    throw stepFlaw(
      "INVALID_OUTPUT",
      op,
      call,
      `must return an object of its outputs (${op.outputs.map(({ name }) => name).join(", ")})`,
    );
  const unknown = Object.keys(given).find((name) => !op.outputs.some((field) => field.name === name));
  if (unknown !== undefined)
    throw stepFlaw("INVALID_OUTPUT", op, call, `returned "${unknown}", which is not one of its outputs`);
  const found: [OutputField, unknown][] = [];
  for (const field of op.outputs) {
    const one = (given as Record<string, unknown>)[field.name];
    if (one === undefined && field.optional) continue;
    if (one === undefined && op.named)
      throw stepFlaw("INVALID_OUTPUT", op, call, `did not return its output "${field.name}"`);
    const what = op.named ? `output "${field.name}"` : "output";
    found.push([
      field,
      field.schema ? await parsed(field.schema, one, "INVALID_OUTPUT", op, call, `returned a bad ${what}`) : one,
    ]);
  }
  return found;
};

const yieldItems = async (op: OpDefinition, call: StepCall, host: StepHost, returned: unknown): Promise<number> => {
  if (
    typeof returned !== "object" ||
    returned === null ||
    !(Symbol.asyncIterator in returned || Symbol.iterator in returned)
  )
    throw stepFlaw(
      "NOT_A_GENERATOR",
      op,
      call,
      "declares out: dynamic(…), but does not yield; write async *run() and yield { key, value }",
    );
  const keys = new Set<string>();
  const { schema } = op.outputs[0]!;
  for await (const item of returned as AsyncIterable<unknown>) {
    if (host.stopped()) host.signal.throwIfAborted();
    const { key, value } = itemOf(op, call, item);
    if (keys.has(key))
      throw stepFlaw(
        "DUPLICATE_MAPPING_KEY",
        op,
        call,
        `yielded the key ${JSON.stringify(key)} twice; keys must be unique`,
      );
    keys.add(key);
    const checked = schema
      ? await parsed(schema, value, "INVALID_OUTPUT", op, call, `yielded a bad value under the key "${key}"`)
      : value;
    await host.item(key, await stored(op, call, RESULT, key, checked));
  }
  return keys.size;
};

const itemOf = (op: OpDefinition, call: StepCall, item: unknown): { key: string; value: unknown } => {
  if (typeof item !== "object" || item === null || !("key" in item) || !("value" in item))
    throw stepFlaw("NOT_AN_ITEM", op, call, "yielded a plain value; yield { key, value }");
  const { key, value } = item as { key: unknown; value: unknown };
  if (typeof key === "string" && MAPPING_KEY.test(key)) return { key, value };
  const quoted =
    typeof key === "string" ? JSON.stringify(key.length > 220 ? `${key.slice(0, 220)}…` : key) : String(typeof key);
  throw stepFlaw(
    "INVALID_MAPPING_KEY",
    op,
    call,
    `yielded the key ${quoted}; a key is a string of 1 to 200 letters, digits, _ and - (${String(MAPPING_KEY)})`,
  );
};

const parseConfig = (op: OpDefinition, schema: Schema, call: StepCall): unknown =>
  parsed(schema, ownConfig(op, call.config), "INVALID_CONFIG", op, call, "was given a bad config");

const parseInputs = async (op: OpDefinition, call: StepCall, host: StepHost): Promise<unknown> => {
  const input: Record<string, unknown> = {};
  for (const field of op.inputs) {
    const given = call.inputs[field.name];
    if (given && "stream" in given)
      input[field.name] = field.stream ? elements(op, call, host, field, given.stream) : await all(given.stream);
    else if (field.stream) input[field.name] = elements(op, call, host, field, (given?.value ?? []) as Json[]);
    else {
      const value = given && isLoadable(given.value) ? await loaded(call, host, given.value) : given?.value;
      const name = field.name === "" ? "input" : `input "${field.name}"`;
      input[field.name] = await parsed(field.schema, value, "INVALID_INPUT", op, call, `was given a bad ${name}`);
    }
  }
  return op.inputs.length === 1 && op.inputs[0]!.name === "" ? input[""] : input;
};

const all = async (stream: AsyncIterable<Json>): Promise<Json[]> => {
  const list: Json[] = [];
  for await (const one of stream) list.push(one);
  return list;
};

async function* elements(
  op: OpDefinition,
  call: StepCall,
  host: StepHost,
  field: InputField,
  source: AsyncIterable<Json> | Json[],
): AsyncGenerator<unknown> {
  let index = 0;
  for await (const one of source) {
    const what = `was given a bad element ${index++} of ${field.name === "" ? "its input" : `input "${field.name}"`}`;
    yield await parsed(field.schema, await loadOne(call, host, one), "INVALID_INPUT", op, call, what);
  }
}

/** Fetches what IO managers keep: a whole value, or elements of a list. */
const loaded = async (call: StepCall, host: StepHost, value: Json): Promise<unknown> =>
  Array.isArray(value) ? Promise.all(value.map((one) => loadOne(call, host, one))) : loadOne(call, host, value);

const isLoadable = (value: Json): boolean => (Array.isArray(value) ? value.some(isIoReference) : isIoReference(value));

const loadOne = (call: StepCall, host: StepHost, value: Json): unknown => {
  if (!isIoReference(value)) return value;
  const manager = host.ioManagers.get(value["dqueue/io"]);
  if (manager) return manager.load({ runId: call.runId }, value.handle);
  throw new DqueueError(
    "UNKNOWN_IO_MANAGER",
    `The step "${call.stepKey}" needs a value that the IO manager "${value["dqueue/io"]}" keeps, but no op of this code location names that manager.`,
  );
};

/** A value as it is stored: itself, or what leads to where its IO manager has put it. */
const stored = async (
  op: OpDefinition,
  call: StepCall,
  output: string,
  mappingKey: string | null,
  value: unknown,
): Promise<Json> => {
  const manager = op.ioManager;
  const { runId, stepKey, fence } = call;
  const found = manager
    ? { "dqueue/io": manager.name, handle: await manager.store({ runId, stepKey, output, mappingKey, fence }, value) }
    : value;
  const storable = checkStorable(found);
  const what = `${output === RESULT ? "output" : `output "${output}"`}${mappingKey === null ? "" : ` under the key "${mappingKey}"`}`;
  if (!storable.ok)
    throw stepFlaw(
      "UNSTORABLE_VALUE",
      op,
      call,
      `gave an ${what} that cannot be stored: ${storable.message}`,
      storable.pointer,
    );
  if (!manager && isIoReference(storable.json))
    throw stepFlaw(
      "UNSTORABLE_VALUE",
      op,
      call,
      `gave an ${what} with the key "dqueue/io", which is kept for IO managers`,
    );
  return storable.json;
};

/** The schema's output; a promise of it where the schema has asynchronous checks. */
const parsed = (
  schema: Schema,
  value: unknown,
  code: string,
  op: OpDefinition,
  call: StepCall,
  what: string,
): unknown => {
  const outputOf = (result: z.ZodSafeParseResult<unknown>): unknown => {
    if (result.success) return result.data;
    throw badValue(result.error, code, op, call, what);
  };
  const result = parseWith(schema, value);
  return result instanceof Promise ? result.then(outputOf) : outputOf(result);
};

const badValue = (error: z.ZodError, code: string, op: OpDefinition, call: StepCall, what: string): DqueueError => {
  const issues = error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length > 0 ? `${["$", ...path.map(String)].join(".")}: ${message}` : message));
  const pointer = error.issues[0]!.path.map((part) => `/${String(part)}`).join("");
  return stepFlaw(code, op, call, `${what}: ${issues.join("; ")}`, pointer);
};

// Schemas with asynchronous checks are rare, and the synchronous way is several times faster.
const parseWith = (schema: Schema, value: unknown) => {
  try {
    return z.safeParse(schema, value);
  } catch (error) {
    if (error instanceof z.core.$ZodAsyncError) return z.safeParseAsync(schema, value);
    throw error;
  }
};

const stepFlaw = (code: string, op: OpDefinition, call: StepCall, what: string, pointer?: string): DqueueError =>
  new DqueueError(code, `The op "${op.name}" (step "${call.stepKey}") ${what}.`, pointer ? { pointer } : {});

const hook = async (op: OpDefinition, event: "success" | "failure", context: HookContext): Promise<HookResult[]> => {
  const name = event === "success" ? "onSuccess" : "onFailure";
  const work = op.hooks[name];
  if (!work) return [];
  try {
    await work(context);
    return [{ hook: `${op.name}:${name}`, event, error: null }];
  } catch (error) {
    return [{ hook: `${op.name}:${name}`, event, error: toStepError(error).error }];
  }
};
