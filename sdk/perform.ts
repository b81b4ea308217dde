import { z } from "zod";
import { DqueueError } from "../core/errors";
import type { Json } from "../core/json";
import type { HookResult } from "../core/messages";
import { MAPPING_KEY } from "../core/step-key";
import { ownConfig } from "./config-schema";
import { isIoReference } from "./io-manager";
import type { OpDefinition } from "./op";
import { RESULT } from "./op";
import type { InputField, OutputField, Schema } from "./schema";
import type { ThrownError } from "./step-error";
import type { StepCall, StepHost } from "./step-call";
import { toStepError } from "./step-error";
import { stepFlaw } from "./step-flaw";
import { stored } from "./stored-output";
import { type HookContext, hookContext, UserContext } from "./user-context";

export type StepOutcome =
  /** `items`: how many a generator has yielded; null for other ops. */
  { ok: true; items: number | null; hooks: HookResult[] } | { ok: false; thrown: ThrownError; hooks: HookResult[] };

/**
 * Performs one step of user code: parses config and inputs, runs the op, checks and hands over what it gives, runs
 * its hooks. Never throws.
 */
export const performStep = async (op: OpDefinition, call: StepCall, host: StepHost): Promise<StepOutcome> => {
  const context = new UserContext(call, host);
  const outputs: Record<string, unknown> = {};
  try {
    if (op.config) context.config = await parseConfig(op, op.config, call, host);
    if (Object.keys(op.resources).length > 0) context.resources = await host.resources.get(op.resources);
    if (op.inputs.length > 0) {
      const input = parseInputs(op, call, host);
      context.input = input instanceof Promise ? await input : input;
    }
    const items = await run(op, call, host, context, outputs);
    if (!op.hooks.onSuccess) return { ok: true, items, hooks: [] };
    const told = hookContext(op, context, op.dynamic ? null : outputs, null);
    return { ok: true, items, hooks: await hook(op, "success", told, host) };
  } catch (error) {
    const thrown = toStepError(error, host.secrets);
    const maxRetries = thrown.retryRequested?.maxRetries ?? call.retry.maxRetries;
    const final = !thrown.retryable || call.attempt > maxRetries;
    const told = hookContext(op, context, null, thrown.error);
    return { ok: false, thrown, hooks: final && !host.stopped() ? await hook(op, "failure", told, host) : [] };
  }
};

// Nothing is awaited here that is not there: each promise costs a small step a noticeable part of its time.
const run = async (
  op: OpDefinition,
  call: StepCall,
  host: StepHost,
  context: UserContext,
  outputs: Record<string, unknown>,
): Promise<number | null> => {
  if (host.stopped()) host.signal.throwIfAborted();
  const returned: unknown = op.run(context);
  if (op.dynamic) return await yieldItems(op, call, host, returned);
  const value = await returned;
  if (isAsyncIterator(value))
    throw stepFlaw("NOT_DYNAMIC", op, call, "yields, but does not declare a generator; declare out: dynamic(schema)");
  for (const [field, given] of outputsOf(op, call, value)) {
    const checked = checkOutput(op, call, field, given);
    outputs[field.name] = checked instanceof Promise ? await checked : checked;
  }
  // Handed over once all are known to be good.
  for (const [name, one] of Object.entries(outputs)) {
    const kept = stored(op, call, host, name, null, one);
    const told = host.output(name, kept instanceof Promise ? await kept : kept);
    if (told instanceof Promise) await told;
  }
  return null;
};

const isAsyncIterator = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Symbol.asyncIterator in value &&
  typeof (value as AsyncGenerator).next === "function";

/** The outputs that were given, unchecked. */
const outputsOf = (op: OpDefinition, call: StepCall, value: unknown): [OutputField, unknown][] => {
  const isGiven = ([field, one]: [OutputField, unknown]): boolean => one !== undefined || !field.optional;
  if (!op.named) return op.outputs.map((field): [OutputField, unknown] => [field, value]).filter(isGiven);
  if (typeof value !== "object" || value === null)
    throw stepFlaw(
      "INVALID_OUTPUT",
      op,
      call,
      `must return an object of its outputs (${op.outputs.map(({ name }) => name).join(", ")})`,
    );
  const unknown = Object.keys(value).find((name) => !op.outputs.some((field) => field.name === name));
  if (unknown !== undefined)
    throw stepFlaw("INVALID_OUTPUT", op, call, `returned "${unknown}", which is not one of its outputs`);
  return op.outputs
    .map((field): [OutputField, unknown] => [field, (value as Record<string, unknown>)[field.name]])
    .filter(isGiven);
};

const checkOutput = (op: OpDefinition, call: StepCall, { name, schema }: OutputField, value: unknown): unknown => {
  if (value === undefined && op.named)
    throw stepFlaw("INVALID_OUTPUT", op, call, `did not return its output "${name}"`);
  const what = op.named ? `output "${name}"` : "output";
  return schema ? parsed(schema, value, "INVALID_OUTPUT", op, call, `returned a bad ${what}`) : value;
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
    const wrong = `yielded a bad value under the key "${key}"`;
    const parsedValue = schema ? parsed(schema, value, "INVALID_OUTPUT", op, call, wrong) : value;
    const checked = parsedValue instanceof Promise ? await parsedValue : parsedValue;
    const kept = stored(op, call, host, RESULT, key, checked);
    const told = host.item(key, kept instanceof Promise ? await kept : kept);
    if (told instanceof Promise) await told;
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

const parseConfig = (op: OpDefinition, schema: Schema, call: StepCall, host: StepHost): unknown =>
  parsed(
    schema,
    host.secrets.resolve(ownConfig(op, call.config)),
    "INVALID_CONFIG",
    op,
    call,
    "was given a bad config",
  );

/** The input, or a promise of it where something has to be waited for. */
const parseInputs = (op: OpDefinition, call: StepCall, host: StepHost): unknown => {
  if (op.inputs.length === 1 && op.inputs[0]!.name === "") return parseInput(op, call, host, op.inputs[0]!);
  const given = op.inputs.map((field): [string, unknown] => [field.name, parseInput(op, call, host, field)]);
  if (!given.some(([, input]) => input instanceof Promise)) return Object.fromEntries(given);
  return Promise.all(given.map(async ([name, input]) => [name, await input] as const)).then(Object.fromEntries);
};

const parseInput = (op: OpDefinition, call: StepCall, host: StepHost, field: InputField): unknown => {
  const given = call.inputs[field.name];
  const stream = given && "stream" in given ? given.stream : null;
  const value = given && "value" in given ? given.value : undefined;
  if (field.stream) return elements(op, call, host, field, stream ?? ((value ?? []) as Json[]));
  const name = field.name === "" ? "input" : `input "${field.name}"`;
  const parse = (input: unknown): unknown =>
    parsed(field.schema, input, "INVALID_INPUT", op, call, `was given a bad ${name}`);
  const load = (input: Json): unknown => (isLoadable(input) ? loaded(call, host, input).then(parse) : parse(input));
  if (stream) return all(stream).then(load);
  return value === undefined ? parse(value) : load(value);
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

const hook = async (
  op: OpDefinition,
  event: "success" | "failure",
  context: HookContext,
  { secrets }: StepHost,
): Promise<HookResult[]> => {
  const name = event === "success" ? "onSuccess" : "onFailure";
  const work = op.hooks[name];
  if (!work) return [];
  try {
    await work(context);
    return [{ hook: `${op.name}:${name}`, event, error: null }];
  } catch (error) {
    return [{ hook: `${op.name}:${name}`, event, error: toStepError(error, secrets).error }];
  }
};
