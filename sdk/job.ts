import type { GraphSnapshot } from "../core/graph";
import type { JsonObject } from "../core/json";
import { branded } from "./brand";
import type { Place, RetryOptions } from "./checks";
import { assertSynchronous, checkName, checkTags, HOOKS, retryPolicy } from "./checks";
import { checkDefaultConfig, mergedConfigSchema } from "./config-schema";
import type { JobHook } from "./context";
import { invalidDefinition, shown } from "./definition-error";
import { GraphAssembly } from "./graph-builder";
import type { GraphBuilder, GraphDefinition } from "./graph-types";
import type { Callable, HandleTree } from "./handle";
import type { OpDefinition } from "./op";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";

export interface JobOptions {
  description?: string;
  /** Tags of every run of the job; a launch's own win. */
  tags?: Record<string, string>;
  /** Used where a launch gives none for a key. */
  defaultConfig?: JsonObject;
  /** For ops and calls that have no policy of their own. */
  retry?: RetryOptions;
  /** Run once the run has ended, at least once, outside of its status. */
  hooks?: { onSuccess?: JobHook; onFailure?: JobHook };
  /** For how many days a run is kept after its end, null: for ever. Without it: RETENTION_DAYS. */
  retention?: { days: number | null };
}

const JOB_OPTIONS: OptionNames<JobOptions> = {
  description: true,
  tags: true,
  defaultConfig: true,
  retry: true,
  hooks: true,
  retention: true,
};
const RETENTION_OPTIONS: OptionNames<NonNullable<JobOptions["retention"]>> = { days: true };

/** A job: its graph as JSON, and the ops that perform it. */
export interface JobDefinition {
  readonly kind: "job";
  readonly name: string;
  readonly snapshot: GraphSnapshot;
  readonly ops: ReadonlyMap<string, OpDefinition>;
  readonly hooks: { readonly onSuccess: JobHook | null; readonly onFailure: JobHook | null };
}

type Wire = (g: GraphBuilder) => unknown;

/**
 * Declares a job. The function runs once, now, and wires the graph; it may loop over data.
 *
 * @throws DqueueError INVALID_DEFINITION naming the job, op, field and fix.
 */
export function job(name: string, wire: Wire): JobDefinition;
export function job(name: string, options: JobOptions, wire: Wire): JobDefinition;
export function job(name: string, optionsOrWire: JobOptions | Wire, maybeWire?: Wire): JobDefinition {
  const options = typeof optionsOrWire === "function" ? {} : optionsOrWire;
  const wire = typeof optionsOrWire === "function" ? optionsOrWire : maybeWire;
  checkName(name, {}, "job.name");
  const place = { job: name };
  if (typeof wire !== "function")
    throw invalidDefinition({ ...place, problem: "it has no function", fix: "give one: job(name, (g) => { … })" });
  checkOptions(options, JOB_OPTIONS, place);
  if (options.hooks) checkOptions(options.hooks, HOOKS, place, "hooks");
  checkTags(options.tags, place);
  if (options.retention !== undefined) checkRetention(options.retention, place);
  const assembly = new GraphAssembly(place, options.retry ? retryPolicy(options.retry, place) : null);
  assertSynchronous(wire(assembly.builder), place);
  assembly.seal();
  const { nodes, ops } = assembly;
  if (nodes.length === 0)
    throw invalidDefinition({ ...place, problem: "it has no steps", fix: "call at least one op: g.call(op)" });
  const configSchema = mergedConfigSchema(nodes, ops);
  const hooks = { onSuccess: options.hooks?.onSuccess ?? null, onFailure: options.hooks?.onFailure ?? null };
  const snapshot: GraphSnapshot = {
    version: 1,
    job: name,
    description: options.description ?? null,
    tags: { ...options.tags },
    nodes,
    configSchema,
    defaultConfig: options.defaultConfig ? checkDefaultConfig(name, options.defaultConfig, configSchema, ops) : null,
    hooks: { onSuccess: hooks.onSuccess !== null, onFailure: hooks.onFailure !== null },
    ...(options.retention && { retention: { days: options.retention.days } }),
  };
  return branded("job", { kind: "job", name, snapshot, ops, hooks });
}

const LONGEST_DAYS = 36_500;

const checkRetention = (retention: NonNullable<JobOptions["retention"]>, place: Place): void => {
  checkOptions(retention, RETENTION_OPTIONS, place, "retention");
  const { days } = retention;
  if (days === null || (Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS)) return;
  throw invalidDefinition({
    ...place,
    field: "retention.days",
    problem: `${shown(days)} is impossible`,
    fix: `give a whole number of days from 1 to ${LONGEST_DAYS}, or null to keep its runs for ever`,
  });
};

/**
 * Declares a reusable sub-graph: `g.call(it, inputs)` wires its steps, named `<name>.<step>`. Its function gets the
 * handles that the call gives and returns handles.
 */
export const graph = <W extends HandleTree | undefined, R>(
  name: string,
  build: (g: GraphBuilder, inputs: W) => R,
): GraphDefinition & Callable<W, R> => {
  checkName(name, {}, "graph.name");
  const definition: GraphDefinition = { kind: "graph", name, build: build as GraphDefinition["build"] };
  return branded("graph", definition) as GraphDefinition & Callable<W, R>;
};
