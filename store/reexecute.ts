import { runNotFound } from "./end-of-runs";
import { v7 as uuidv7 } from "uuid";
import { DqueueError } from "../core/errors";
import type { GraphSnapshot } from "../core/graph";
import type { JsonObject } from "../core/json";
import { compilePlan } from "../core/plan";
import type { RunRecord, Selection } from "../core/records";
import { restoreRun } from "../core/restore";
import type { Run, Step } from "../core/run";
import { runHasEnded } from "../core/status";
import { stepKey } from "../core/step-key";
import { configOf } from "./catalog";
import { copySteps, createRuns, type CreatedRun } from "./create-runs";
import { BULK_TAG } from "./bulk-tag";
import type { Database, Queryable } from "./database";
import { type KeyedRequest, takeIdempotencyKey } from "./idempotency-keys";
import type { LaunchResult } from "./launch";
import { loadRuns, loadSteps } from "./runs";
import { type IdleConfig, idleConfig } from "./idle-config";
import { type Area, areaBehind, encloses, failedArea } from "./rerun-area";
import { readSelection } from "./selection";

const PARENT_TAG = "dagster/parent_run_id";
const ROOT_TAG = "dagster/root_run_id";

export interface Reexecution {
  run: string;
  from: "failure" | "start" | "steps";
  /** For "steps": step keys or names of nodes, each perhaps with a + for all that follows it. */
  steps?: readonly string[];
  /** Laid over the parent's config, key by key. */
  config?: JsonObject;
}

/** What a re-execution runs with, to be checked before it is created. */
export interface ReexecutionPlan {
  parent: RunRecord;
  config: JsonObject;
  /** The parent's graph; from "start" the job's current one. */
  graph: GraphSnapshot;
  codeVersion: string;
  /** What runs of it; null: everything that is not kept. */
  selection: Selection[] | null;
  /** In the graph's order, the nodes of which steps run: how many of those that there are; null: as many as will be made. */
  again: { node: string; steps: number | null }[];
  /** Steps whose results are taken over. */
  kept: string[];
  /** What of the changed config acts only in those. */
  idle: IdleConfig[];
}

/**
 * Plans a re-execution.
 * @param current the job as published now, for "start"; fails with JOB_NOT_FOUND where it is not any more.
 * @throws DqueueError RUN_NOT_FOUND, RUN_NOT_ENDED, JOB_NOT_FOUND, NOTHING_TO_REEXECUTE, or INVALID_SELECTION with
 * `errors: [{pointer, message}]`.
 */
export const planReexecution = async (
  db: Queryable,
  { run, from, steps = [], config = {} }: Reexecution,
  current: (job: string) => Promise<{ graph: GraphSnapshot; codeVersion: string }>,
): Promise<ReexecutionPlan> => {
  const parent = (await loadRuns(db, [run]))[0];
  if (!parent) throw runNotFound(run);
  const merged = { ...parent.config, ...config };
  if (from === "start") {
    const { graph, codeVersion } = await current(parent.job);
    const again = graph.nodes.map(({ name, scope }) => ({ node: name, steps: scope.length === 0 ? 1 : null }));
    return { parent, graph, codeVersion, config: configOf(graph, merged), selection: null, again, kept: [], idle: [] };
  }
  if (!runHasEnded(parent.status)) throw notEnded(parent);
  const actor = restoreRun(parent, compilePlan(parent.graph), await loadSteps(db, [run]));
  const codeVersion = await codeVersionOf(db, run);
  const { area, selection } = from === "failure" ? fromFailure(actor) : fromSteps(actor, steps);
  const runs = new Set([...area.values()].map(({ node }) => node));
  return {
    ...{ parent, graph: parent.graph, codeVersion, config: merged, selection },
    again: stepsAgain(actor, area, runs),
    kept: keptSteps(actor, area),
    idle: idleConfig(parent.graph, { before: parent.config, after: merged }, runs),
  };
};

const codeVersionOf = async (db: Queryable, run: string): Promise<string> => {
  const { rows } = await db.query<{ code_version: string }>(`select code_version from runs where id = $1`, [run]);
  // Deleted since it was read.
  if (!rows[0]) throw runNotFound(run);
  return rows[0].code_version;
};

const fromFailure = (run: Run): { area: Area; selection: Selection[] | null } => {
  const area = failedArea(run);
  if (area.size > 0) return { area, selection: run.record.selection };
  throw new DqueueError(
    "NOTHING_TO_REEXECUTE",
    `All steps of run ${run.record.id} have succeeded: from "failure" nothing would run. Take from "start" or "steps".`,
  );
};

const fromSteps = (run: Run, entries: readonly string[]): { area: Area; selection: Selection[] } => {
  const selected = readSelection(run, entries);
  const selection = [...selected.values()];
  return { area: areaBehind(run.plan, selection, { follow: false }), selection };
};

const stepsAgain = (run: Run, area: Area, runs: ReadonlySet<string>): ReexecutionPlan["again"] => {
  const known = new Map<string, number>();
  for (const { node, path } of run.steps.values())
    if (encloses(area, node, path)) known.set(node.spec.name, (known.get(node.spec.name) ?? 0) + 1);
  return [...run.plan.nodes.values()]
    .filter(({ spec }) => runs.has(spec.name))
    .map(({ spec, scope }) => ({
      node: spec.name,
      steps: scope.some((generator) => runs.has(generator.spec.name)) ? null : (known.get(spec.name) ?? null),
    }));
};

/** Steps that succeeded and do not run again; nor do those count that a generator which runs again will make anew. */
const keptSteps = (run: Run, area: Area): string[] => {
  const kept: string[] = [];
  const stands = (step: Step): boolean => step.status === "SUCCESS" && !encloses(area, step.node, step.path);
  for (const step of run.steps.values()) if (stands(step) && enclosing(run, step).every(stands)) kept.push(step.key);
  return kept;
};

const enclosing = (run: Run, { node, path }: Step): Step[] =>
  node.scope.map((generator, depth) => run.steps.get(stepKey(generator.spec.name, path.slice(0, depth)))!);

const notEnded = ({ id, status }: RunRecord): DqueueError =>
  new DqueueError(
    "RUN_NOT_ENDED",
    `Run ${id} is ${status}: it can be re-executed from "failure" or "steps" once it has ended.`,
    { run: id, run_status: status },
  );

/** Creates the run of a plan, once per key. `created` false: it was there already. */
export const reexecuteRun = (
  db: Database,
  plan: ReexecutionPlan,
  keyed: Pick<KeyedRequest, "key" | "request">,
): Promise<LaunchResult> =>
  db.transaction(async (tx) => {
    const run = plan.parent.id;
    const id = uuidv7();
    const of = { scope: `\0run\0${run}`, about: `to re-execute run ${run}`, made: "run_id" } as const;
    const known = await takeIdempotencyKey(tx, { ...keyed, ...of }, id);
    if (known !== null) return { id: known, created: false };
    await createReexecution(tx, plan, { id });
    return { id, created: true };
  });

/**
 * Creates the run of a plan with what it keeps, in the caller's transaction. The parent may go at the same time: then it
 * fails.
 * @param given its id, and tags beside those that it inherits.
 */
export const createReexecution = async (
  tx: Queryable,
  { parent, graph, codeVersion, config, selection, kept }: ReexecutionPlan,
  given: { id?: string; tags?: Record<string, string> } = {},
): Promise<CreatedRun> => {
  await holdParent(tx, parent.id);
  const root = parent.rootRunId ?? parent.id;
  const { id = uuidv7(), tags = {} } = given;
  const [created] = await createRuns(tx, [
    {
      id,
      job: parent.job,
      graph,
      codeVersion,
      priority: parent.priority,
      tags: { ...inherited(parent.tags), [PARENT_TAG]: parent.id, [ROOT_TAG]: root, ...tags },
      config,
      selection,
      parentRunId: parent.id,
      rootRunId: root,
    },
  ]);
  if (kept.length === 0) return created!;
  await copySteps(tx, { from: parent.id, to: id, steps: kept });
  return created!;
};

/** Until the new run is there: who removes a run passes its values on to those of its family that he sees. */
const holdParent = async (tx: Queryable, id: string): Promise<void> => {
  const { rows } = await tx.query(`select from runs where id = $1 for key share`, [id]);
  if (rows.length === 0) throw new DqueueError("RUN_NOT_FOUND", `Run ${id} was deleted meanwhile.`, { run: id });
};

/** Of the run alone: the tick and the run key by which a sensor asked for it, the bulk action that touched it. */
const OWN_TAGS = ["dagster/run_key", "dagster/tick", "dagster/sensor_name", BULK_TAG];

const inherited = (tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !OWN_TAGS.includes(key)));
