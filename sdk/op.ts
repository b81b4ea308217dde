import type { z } from "zod";
import type { RetryPolicy } from "../core/graph";
import { branded } from "./brand";
import type { RetryOptions, StepOptions } from "./checks";
import { checkDefinition, checkName, checkStepOptions, HOOKS, retryPolicy, STEP_OPTIONS } from "./checks";
import type { OpContext, OpHookContext } from "./context";
import { invalidDefinition } from "./definition-error";
import type { Callable, Handle, ResultOf, WiringOf } from "./handle";
import type { IoManager } from "./io-manager";
import { assertCarriedByJson } from "./json-schema";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";
import type { ResourceSpec, ResourcesOf } from "./resource";
import type {
  DynamicOutput,
  InputField,
  InputSpec,
  OneInput,
  OptionalOutput,
  OutputField,
  OutputSpec,
  Schema,
  StreamInput,
} from "./schema";
import { isMarked, isSchema } from "./schema";

/** One item of a generator. */
export interface Item<T> {
  /** `^[\p{L}\p{N}_-]{1,200}$`, unique within the step. */
  key: string;
  value: T;
}

type MaybePromise<T> = T | Promise<T>;
type ConfigOf<C> = C extends z.ZodObject ? z.output<C> : Record<string, never>;
type OneInputOf<I> =
  I extends StreamInput<infer S> ? AsyncIterable<z.output<S>> : I extends Schema ? z.output<I> : never;
type InputOf<I extends InputSpec> = I extends undefined
  ? undefined
  : I extends OneInput
    ? OneInputOf<I>
    : { readonly [K in keyof I]: OneInputOf<I[K]> };

type NamedOutputs<O> = {
  [K in keyof O as O[K] extends OptionalOutput<Schema> ? never : K]: O[K] extends Schema ? z.input<O[K]> : never;
} & {
  [K in keyof O as O[K] extends OptionalOutput<Schema> ? K : never]?: O[K] extends OptionalOutput<infer S>
    ? z.input<S>
    : never;
};

/** `run` may return read-only values: they are only read, to be stored. */
type ReadOnly<T> = unknown extends T
  ? T
  : T extends readonly (infer E)[]
    ? number extends T["length"]
      ? readonly ReadOnly<E>[]
      : { readonly [K in keyof T]: ReadOnly<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: ReadOnly<T[K]> }
      : T;

/** What `run` returns for one or several outputs. */
type ValueOf<O> = O extends Schema
  ? z.input<O>
  : O extends OptionalOutput<infer S>
    ? z.input<S> | undefined
    : NamedOutputs<O>;

/** A generator's `run` without `out: dynamic(…)` is a mistake that shall not compile. */
type Plain<R> = R extends AsyncIterator<unknown> ? { "a generator needs": "out: dynamic(schema)" } : unknown;

export interface OpOptions<
  C,
  I extends InputSpec,
  O extends OutputSpec,
  Rs extends ResourceSpec,
  R,
> extends StepOptions {
  /** Unique in the code location; steps are named after it. */
  name: string;
  description?: string;
  /** A `z.object`. The run's config is flat: the objects of all ops merged. */
  config?: C;
  /** A schema (`input` is the value), `stream(schema)`, or a record of them (`input` is a record). None: no input. */
  in?: I;
  /** A schema, `dynamic(schema)`, or a record of outputs. None: whatever `run` returns, unchecked. */
  out?: O;
  retry?: RetryOptions;
  resources?: Rs;
  /** Keeps this op's outputs outside of the database. */
  ioManager?: IoManager;
  hooks?: {
    onSuccess?: (context: OpHookContext<ConfigOf<C>, ResourcesOf<Rs>>) => unknown;
    onFailure?: (context: OpHookContext<ConfigOf<C>, ResourcesOf<Rs>>) => unknown;
  };
  run: (context: OpContext<ConfigOf<C>, InputOf<I>, ResourcesOf<Rs>>) => R;
}

export const OP_OPTIONS: OptionNames<OpOptions<unknown, InputSpec, OutputSpec, ResourceSpec, unknown>> = {
  name: true,
  description: true,
  config: true,
  in: true,
  out: true,
  run: true,
  retry: true,
  ...STEP_OPTIONS,
  resources: true,
  ioManager: true,
  hooks: true,
};

/** An op as the runtime uses it, its types erased. */
export interface OpDefinition {
  readonly kind: "op";
  readonly name: string;
  readonly description: string | null;
  readonly config: z.ZodObject | null;
  readonly inputs: readonly InputField[];
  readonly outputs: readonly OutputField[];
  /** True: `run` returns a record of outputs; false: it returns (or yields) the one output itself. */
  readonly named: boolean;
  readonly dynamic: boolean;
  readonly retry: RetryPolicy | null;
  readonly timeoutMs: number | null;
  readonly queue: string;
  readonly priority: number;
  readonly pool: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly resources: ResourceSpec;
  readonly ioManager: IoManager | null;
  readonly hooks: {
    readonly onSuccess: ((context: OpHookContext<unknown, unknown>) => unknown) | null;
    readonly onFailure: ((context: OpHookContext<unknown, unknown>) => unknown) | null;
  };
  readonly run: (context: OpContext<unknown, unknown, unknown>) => unknown;
}

/** An op: what `g.call` and `g.map` take. */
export type Op<W, R> = OpDefinition & Callable<W, R>;

// No resources: {} lets `resources` be absent and gives the context an empty record.
type None = {}; // eslint-disable-line @typescript-eslint/no-empty-object-type

/**
 * Declares an op: one kind of step, as a function of its config and inputs.
 *
 * @throws DqueueError INVALID_DEFINITION naming the op, the field and the fix.
 */
export function op<
  S extends Schema,
  // const: literals in what `run` yields or returns stay literals, so that enums accept them.
  const Y extends Item<ReadOnly<z.input<S>>>,
  C extends z.ZodObject | undefined = undefined,
  I extends InputSpec = undefined,
  Rs extends ResourceSpec = None,
>(
  options: OpOptions<C, I, DynamicOutput<S>, Rs, AsyncIterable<Y> | Iterable<Y>> & { out: DynamicOutput<S> },
): Op<WiringOf<I>, ResultOf<DynamicOutput<S>, never>>;
export function op<
  O extends Exclude<OutputSpec, DynamicOutput<Schema> | undefined>,
  const V extends ReadOnly<ValueOf<O>>,
  C extends z.ZodObject | undefined = undefined,
  I extends InputSpec = undefined,
  Rs extends ResourceSpec = None,
>(options: OpOptions<C, I, O, Rs, MaybePromise<V>> & { out: O }): Op<WiringOf<I>, ResultOf<O, never>>;
export function op<
  R,
  C extends z.ZodObject | undefined = undefined,
  I extends InputSpec = undefined,
  Rs extends ResourceSpec = None,
>(options: OpOptions<C, I, undefined, Rs, R & Plain<R>> & { out?: undefined }): Op<WiringOf<I>, Handle<Awaited<R>>>;
export function op(
  options: OpOptions<z.ZodObject | undefined, InputSpec, OutputSpec, ResourceSpec, unknown>,
): OpDefinition {
  checkDefinition("op", options, OP_OPTIONS);
  const place = { op: options.name };
  checkStepOptions(options, place);
  if (typeof options.run !== "function")
    throw invalidDefinition({
      ...place,
      field: "run",
      problem: "is not a function",
      fix: "give run: async (context) => …",
    });
  if (options.hooks) checkOptions(options.hooks, HOOKS, place, "hooks");
  const definition: OpDefinition = {
    kind: "op",
    name: options.name,
    description: options.description ?? null,
    config: configSchema(options.config, place),
    inputs: inputFields(options.in, place),
    outputs: outputFields(options.out, place, options.ioManager !== undefined),
    named: isNamed(options.out),
    dynamic: isMarked("dynamic", options.out),
    retry: options.retry ? retryPolicy(options.retry, place) : null,
    timeoutMs: options.timeoutMs ?? null,
    queue: options.queue ?? "default",
    priority: options.priority ?? DEFAULT_PRIORITY,
    pool: options.pool ?? null,
    tags: { ...options.tags },
    resources: options.resources ?? {},
    ioManager: options.ioManager ?? null,
    hooks: {
      onSuccess: (options.hooks?.onSuccess as OpDefinition["hooks"]["onSuccess"]) ?? null,
      onFailure: (options.hooks?.onFailure as OpDefinition["hooks"]["onFailure"]) ?? null,
    },
    run: options.run as unknown as OpDefinition["run"],
  };
  return branded("op", definition);
}

/** As dagster-celery: the middle of 0–9, so that work can be put before and behind it. */
const DEFAULT_PRIORITY = 5;

const configSchema = (config: unknown, place: { op: string }): z.ZodObject | null => {
  if (config === undefined) return null;
  if (!isSchema(config) || config._zod.def.type !== "object")
    throw invalidDefinition({
      ...place,
      field: "config",
      problem: "is not a z.object",
      fix: "wrap it: config: z.object({ … }), since a run's config is the ops' objects merged",
    });
  return config as z.ZodObject;
};

const inputFields = (spec: InputSpec, place: { op: string }): InputField[] => {
  if (spec === undefined) return [];
  const one = (name: string, value: unknown): InputField => {
    if (isMarked("stream", value)) return { name, schema: value.schema, stream: true };
    if (isSchema(value)) return { name, schema: value, stream: false };
    throw invalidDefinition({
      ...place,
      field: name === "" ? "in" : `in.${name}`,
      problem: "is neither a schema nor stream(schema)",
      fix: "give a zod schema, stream(schema), or a record of them",
    });
  };
  if (isSchema(spec) || isMarked("stream", spec) || typeof spec !== "object") return [one("", spec)];
  return Object.entries(spec).map(([name, value]) => {
    checkName(name, place, "in");
    return one(name, value);
  });
};

const isNamed = (spec: OutputSpec): boolean =>
  spec !== undefined && !isSchema(spec) && !isMarked("dynamic", spec) && !isMarked("optional", spec);

const outputFields = (spec: OutputSpec, place: { op: string }, managed: boolean): OutputField[] => {
  if (spec === undefined) return [{ name: RESULT, schema: null, optional: false }];
  const one = (name: string, value: unknown): OutputField => {
    const isOptional = isMarked("optional", value);
    const schema = isOptional ? value.schema : value;
    const field = name === RESULT ? "out" : `out.${name}`;
    if (!isSchema(schema))
      throw invalidDefinition({
        ...place,
        field,
        problem: "is not a schema",
        fix: "give a zod schema, dynamic(schema), or a record of schemas and optional(schema)",
      });
    if (!managed) assertCarriedByJson(schema, place, field);
    return { name, schema, optional: isOptional };
  };
  if (isMarked("dynamic", spec)) return [one(RESULT, spec.schema)];
  if (!isNamed(spec) || typeof spec !== "object") return [one(RESULT, spec)];
  const fields = Object.entries(spec).map(([name, value]) => {
    checkName(name, place, "out");
    return one(name, value);
  });
  if (fields.length > 0) return fields;
  throw invalidDefinition({ ...place, field: "out", problem: "names no output", fix: "leave out away, or name one" });
};

/** Name of the output of an op that has only one. */
export const RESULT = "result";
