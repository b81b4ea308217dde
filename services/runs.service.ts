import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import SequelizeAdapter from "moleculer-db-adapter-sequelize";
import { DqueueError } from "../core/errors";
import type { Json } from "../core/json";
import { graphOfRun } from "../store/graphs";
import type { Database } from "../store/database";
import { deleteRun, requestCancel, runNotFound } from "../store/end-of-runs";
import { launchRun, pruneIdempotencyKeys } from "../store/launch";
import { loadListPage, type ListPageRequest } from "../store/list-pages";
import { modelsOf } from "../store/models";
import { listEvents, listLogs } from "../store/queries/history";
import { isUuid, type PageRequest } from "../store/queries/paging";
import { getRun, listRuns, type RunFilter, type RunSummary, SUMMARY_COLUMNS, withTimes } from "../store/queries/runs";
import { listItems, listSteps, type StepFilter } from "../store/queries/steps";
import { createReexecution, planReexecution, type Reexecution } from "../store/reexecute";
import { loadValue, storeValue } from "../store/values";
import { graphView } from "./job-view";
import { currentJob, type LaunchRequest, planLaunch, refuseBadConfig } from "./launching";
import { Lines } from "./lines";
import { shownItems, stepDetail } from "./step-view";
import { toWire } from "./wire-errors";

export interface RunsNeeds {
  readonly db: Database;
}

interface OfRun {
  id: string;
}

const PRUNE_MS = 600_000;

/** Launches, shows, cancels, re-executes and deletes runs; keeps values by reference. */
export const runsService = (broker: ServiceBroker, { db }: RunsNeeds): ServiceSchema => {
  const log = broker.getLogger("runs");
  const lines = new Lines(broker, log);
  let pruning: NodeJS.Timeout;
  const known = async (id: string): Promise<void> => {
    if (!isUuid(id) || !(await getRun(db, id))) throw runNotFound(id);
  };

  return {
    name: "runs",
    mixins: [DbService],
    adapter: sharedAdapter(db),
    model: modelsOf(db.sequelize).Run,
    settings: { idField: "id", fields: [...SUMMARY_COLUMNS.split(", "), "config", "graph_id", "selection", "error"] },

    hooks: {
      before: { get: (ctx: Context<OfRun>) => requireUuid(ctx.params.id) },
      after: { get: (_ctx: Context, run: object) => withTimes(run) },
      error: { "*": (ctx: Context, error: Error) => Promise.reject(toWire(asNotFound(ctx, error))) },
    },

    actions: {
      ...MIXED_IN,

      /** Launches a run, once per key. `created` false: the key had launched this run before. */
      launch: async (ctx: Context<LaunchRequest>) => {
        const { id, created } = await launchRun(db, await planLaunch(db, ctx.params));
        if (created) lines.look({ type: "look", shard: 0, at: "queue" });
        return { created, run: await launched(ctx, id) };
      },

      list: (ctx: Context<RunFilter & PageRequest>) => {
        const { limit, cursor, ...filter } = ctx.params;
        return listRuns(db, filter, { limit, cursor });
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

      events: async (ctx: Context<{ run: string; after: number; limit: number }>) => {
        const { run, after, limit } = ctx.params;
        await known(run);
        return listEvents(db, run, after, limit);
      },

      logs: async (ctx: Context<{ run: string; step?: string; after: string | null; limit: number }>) => {
        const { limit, ...of } = ctx.params;
        await known(of.run);
        return listLogs(db, of, limit);
      },

      /** Asks the run's owner to cancel it. Repeatable. */
      cancel: async (ctx: Context<OfRun>) => {
        const { id } = ctx.params;
        requireUuid(id);
        const { status, shard, cancelRequestedAt } = await requestCancel(db, id);
        if (status !== "CANCELED") lines.look({ type: "look", shard, at: "cancel", run: id });
        return { id, status, cancel_requested_at: cancelRequestedAt?.toISOString() ?? null };
      },

      reexecute: async (ctx: Context<Reexecution>) => {
        requireUuid(ctx.params.run);
        const plan = await planReexecution(db, ctx.params, (job) => currentJob(db, job));
        refuseBadConfig(plan.parent.job, plan.graph, plan.config);
        const { id } = await createReexecution(db, plan);
        lines.look({ type: "look", shard: 0, at: "queue" });
        return ctx.call<RunSummary, OfRun>("runs.get", { id });
      },

      delete: (ctx: Context<OfRun>) => {
        requireUuid(ctx.params.id);
        return deleteRun(db, ctx.params.id);
      },

      ...valueActions(db),
    },

    started() {
      pruning = setInterval(() => {
        pruneIdempotencyKeys(db).catch((error: Error) =>
          log.warn(`Old idempotency keys stay for now: ${error.message}`),
        );
      }, PRUNE_MS).unref();
    },
    async stopped() {
      clearInterval(pruning);
      await lines.settled();
    },
  };
};

/** Values too large to travel inline, stored and fetched by workers. */
const valueActions = (db: Database) => ({
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

/** Of moleculer-db only `get` stays: everything else would be a second way to change a run. */
const MIXED_IN = {
  get: { cache: false },
  find: false,
  count: false,
  create: false,
  insert: false,
  update: false,
  remove: false,
} as const;

type Adapter = SequelizeAdapter & { opts: unknown[]; connect(): Promise<void> };

/**
 * The Sequelize is the database's: it is closed with that, not with this service. It is named late, since Moleculer
 * clones schemas deeply, and a cloned Sequelize has connections of its own that nobody closes.
 */
const sharedAdapter = (db: Database): SequelizeAdapter =>
  Object.assign(new SequelizeAdapter({}), {
    connect(this: Adapter): Promise<void> {
      this.opts = [db.sequelize];
      return (SequelizeAdapter.prototype as Adapter).connect.call(this);
    },
    disconnect: () => Promise.resolve(),
  });

const requireUuid = (id: string): void => {
  if (!isUuid(id)) throw runNotFound(id);
};

const asNotFound = (ctx: Context, error: Error): Error =>
  error.name === "EntityNotFoundError" ? runNotFound((ctx.params as OfRun).id) : error;

const launched = async (ctx: Context, id: string): Promise<RunSummary> => {
  try {
    return await ctx.call<RunSummary, OfRun>("runs.get", { id });
  } catch (error) {
    if ((error as { type?: string }).type !== "RUN_NOT_FOUND") throw error;
    throw new DqueueError(
      "RUN_DELETED",
      `The key had launched run ${id}, which has been deleted since. It stays taken.`,
      {
        run: id,
      },
    );
  }
};
