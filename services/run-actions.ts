import type { Context, ServiceActionsSchema } from "moleculer";
import { DqueueError } from "../core/errors";
import type { Json } from "../core/json";
import type { EventType } from "../core/records";
import type { Database } from "../store/database";
import { type CancelIntent, deleteRun, requestCancel, runNotFound } from "../store/end-of-runs";
import { graphOfRun } from "../store/graphs";
import { launchRun } from "../store/launch";
import { type ListPageRequest, loadListPage } from "../store/list-pages";
import { latestEvents, listEvents, listLogs } from "../store/queries/history";
import { countLogLines, listLogLines, type LogFilter, type LogQuery, searchLogs } from "../store/queries/log-lines";
import { isUuid, type PageRequest } from "../store/queries/paging";
import { RunCounts } from "../store/queries/run-counts";
import { countRuns, type CountedRuns, histogramOf, noRuns } from "../store/queries/run-figures";
import type { RunFilter } from "../store/queries/run-filter";
import { listRuns, type RunSort } from "../store/queries/run-list";
import { getRun, type RunSummary } from "../store/queries/runs";
import { listItems, listSteps, type StepFilter } from "../store/queries/steps";
import { planReexecution, reexecuteRun, type Reexecution, type ReexecutionPlan } from "../store/reexecute";
import { loadValue, storeValue } from "../store/values";
import { graphView } from "./job-view";
import { currentJob, type LaunchRequest, planLaunch, refuseBadConfig } from "./launching";
import type { Lines } from "./lines";
import type { RunWatch } from "./run-watch";
import { sortedJson } from "./sorted-json";
import { shownItems, stepDetail } from "./step-view";

/** How long a cancel waits for the run's owner. */
const OWNER_MS = 3_000;

/** What of one run is asked for. */
export interface OfRun {
  id: string;
}

/** @throws DqueueError RUN_NOT_FOUND: an id that is none names no run. */
export const requireUuid = (id: string): void => {
  if (!isUuid(id)) throw runNotFound(id);
};

/** Lists, and what a run consists of. `runs.get` itself is moleculer-db's. */
export const readActions = (db: Database): ServiceActionsSchema => {
  const known = async (id: string): Promise<void> => {
    requireUuid(id);
    if (!(await getRun(db, id))) throw runNotFound(id);
  };

  const everything = new RunCounts(db);

  return {
    list: (ctx: Context<{ filter: RunFilter; sort: RunSort } & PageRequest>) => {
      const { filter, sort, ...page } = ctx.params;
      return listRuns(db, filter, sort, page);
    },

    /** By status; without a filter all of history. */
    counts: async (ctx: Context<{ filter: RunFilter; whole: boolean }>): Promise<CountedRuns> => {
      const { filter, whole } = ctx.params;
      if (Object.keys(filter).length > 0) return countRuns(db, filter, { whole });
      const counts = { ...noRuns(), ...Object.fromEntries(await everything.read()) };
      const total = Object.values(counts).reduce((sum, runs) => sum + runs, 0);
      return { counts, total, complete: true, counted_from: null };
    },

    histogram: (ctx: Context<{ filter: RunFilter; to: number; seconds: number; buckets: number }>) => {
      const { filter, ...range } = ctx.params;
      return histogramOf(db, filter, range);
    },

    /** The graph that the run was launched with. */
    graph: async (ctx: Context<OfRun>) => {
      requireUuid(ctx.params.id);
      const graph = await graphOfRun(db, ctx.params.id);
      if (!graph) throw runNotFound(ctx.params.id);
      return graphView(graph);
    },

    steps: async (ctx: Context<StepFilter & PageRequest>) => {
      const { limit, cursor, ...filter } = ctx.params;
      await known(filter.run);
      return listSteps(db, filter, { limit, cursor });
    },

    step: async (ctx: Context<{ run: string; key: string }>) => {
      requireUuid(ctx.params.run);
      return stepDetail(db, ctx.params.run, ctx.params.key);
    },

    items: async (ctx: Context<{ run: string; step: string } & PageRequest>) => {
      const { limit, cursor, ...filter } = ctx.params;
      await known(filter.run);
      const page = await listItems(db, filter, { limit, cursor });
      return { ...page, items: await shownItems(db, page.items) };
    },

    ...eventActions(db, known),

    logs: async (ctx: Context<{ run: string; step?: string; after: string | null; limit: number }>) => {
      const { limit, ...of } = ctx.params;
      await known(of.run);
      return listLogs(db, of, limit);
    },

    ...logActions(db, known),
  };
};

/** Events of a run by number, and by time. */
const eventActions = (db: Database, known: (run: string) => Promise<void>): ServiceActionsSchema => ({
  events: async (ctx: Context<{ run: string; after: number; limit: number; types?: EventType[] }>) => {
    const { run, after, limit, types } = ctx.params;
    await known(run);
    return listEvents(db, run, after, limit, types);
  },

  latestEvents: async (ctx: Context<{ run: string; until: number; limit: number }>) => {
    const { run, until, limit } = ctx.params;
    await known(run);
    return { items: await latestEvents(db, run, until, limit), next_cursor: null };
  },
});

/** Lines of a run by number, counted and searched. */
const logActions = (db: Database, known: (run: string) => Promise<void>): ServiceActionsSchema => ({
  logLines: async (ctx: Context<{ filter: LogFilter; after: string | null; limit: number }>) => {
    const { filter, after, limit } = ctx.params;
    await known(filter.run);
    return { items: await listLogLines(db, filter, after, limit) };
  },

  logCount: async (ctx: Context<{ run: string; until: number | null }>) => {
    const { run, until } = ctx.params;
    await known(run);
    return countLogLines(db, run, until);
  },

  logSearch: async (ctx: Context<{ filter: LogFilter; search: LogQuery }>) => {
    await known(ctx.params.filter.run);
    return searchLogs(db, ctx.params.filter, ctx.params.search);
  },
});

/** What makes runs, and what is wished of them. */
export const changeActions = (db: Database, lines: Lines, watch: RunWatch): ServiceActionsSchema => ({
  /** Launches a run, once per key. `created` false: the key had launched this run before. */
  launch: async (ctx: Context<LaunchRequest>) => {
    const { id, created } = await launchRun(db, await planLaunch(db, ctx.params));
    if (created) lines.look({ type: "look", shard: 0, at: "queue" });
    return { created, run: await launched(ctx, id) };
  },

  /**
   * Notes the wish, after which the run does not end in any other way, and waits until its owner has begun, so that the
   * answer tells of it. Repeatable. Where no owner answers, the wish is kept for the next one.
   */
  cancel: async (ctx: Context<OfRun>) => {
    const { id } = ctx.params;
    requireUuid(id);
    const asked = await requestCancel(db, id);
    const begun = (intent: CancelIntent): boolean => intent.status === "CANCELING" || intent.status === "CANCELED";
    const look = async (): Promise<CancelIntent | null> => {
      const now = await requestCancel(db, id);
      return begun(now) ? now : null;
    };
    if (!begun(asked)) lines.look({ type: "look", shard: asked.shard, at: "cancel", run: id });
    const { status, cancelRequestedAt } = begun(asked) ? asked : ((await watch.until(id, look, OWNER_MS)) ?? asked);
    return { id, status, cancel_requested_at: cancelRequestedAt?.toISOString() ?? null };
  },

  /** What a re-execution would do; creates nothing, and is refused for what the re-execution itself would be. */
  tryReexecution: async (ctx: Context<Reexecution>) => {
    const { again, kept, idle } = await checkedPlan(db, ctx.params);
    return { again, kept: kept.length, idle_config: idle };
  },

  /** Once per key, as `launch`. */
  reexecute: async (ctx: Context<Reexecution & { idempotency_key: string | null }>) => {
    const { idempotency_key: key, ...wish } = ctx.params;
    const plan = await checkedPlan(db, wish);
    const { id, created } = await reexecuteRun(db, plan, { key, request: sortedJson(wish) });
    if (created) lines.look({ type: "look", shard: 0, at: "queue" });
    return { created, run: { ...(await launched(ctx, id)), idle_config: plan.idle } };
  },

  delete: (ctx: Context<OfRun>) => {
    requireUuid(ctx.params.id);
    return db.transaction((tx) => deleteRun(tx, ctx.params.id));
  },
});

const checkedPlan = async (db: Database, wish: Reexecution): Promise<ReexecutionPlan> => {
  requireUuid(wish.run);
  const plan = await planReexecution(db, wish, (job) => currentJob(db, job));
  refuseBadConfig(plan.parent.job, plan.graph, plan.config);
  return plan;
};

const launched = async (ctx: Context, id: string): Promise<RunSummary> => {
  try {
    return await ctx.call<RunSummary, OfRun>("runs.get", { id });
  } catch (error) {
    if ((error as { type?: string }).type !== "RUN_NOT_FOUND") throw error;
    throw new DqueueError(
      "RUN_DELETED",
      `The key had launched run ${id}, which has been deleted since. It stays taken.`,
      { run: id },
    );
  }
};

/** Values too large to travel inline, stored and fetched by workers. */
export const valueActions = (db: Database): ServiceActionsSchema => ({
  /** Idempotent by id: the value of an id never changes. */
  storeValue: async (ctx: Context<{ id: string; run: string; value: Json; size?: number }>) => {
    const { id, run, value, size = Buffer.byteLength(JSON.stringify(value)) } = ctx.params;
    await storeValue(db, { id, run, value, size });
    return { ref: id, size };
  },

  loadValue: async (ctx: Context<{ ref: string }>) => {
    const value = await loadValue(db, ctx.params.ref);
    if (value !== undefined) return value;
    throw new DqueueError("VALUE_NOT_FOUND", `The value ${ctx.params.ref} is not in the database any more.`);
  },

  /** A page of a step's list input: `{ values, next }`. */
  loadList: (ctx: Context<ListPageRequest>) => loadListPage(db, ctx.params),
});
