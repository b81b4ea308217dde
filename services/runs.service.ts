import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import SequelizeAdapter from "moleculer-db-adapter-sequelize";
import type { Database } from "../store/database";
import { runNotFound } from "../store/end-of-runs";
import { pruneIdempotencyKeys } from "../store/idempotency-keys";
import { modelsOf } from "../store/models";
import { sequelizeOf } from "../store/sequelize";
import { clearError } from "../store/errors";
import { pruneBulkActions } from "../store/bulk-actions";
import { pruneSessions } from "../store/sessions";
import { SUMMARY_COLUMNS, withTimes } from "../store/queries/runs";
import { bulkActions } from "./bulk-calls";
import { BulkWork } from "./bulk-work";
import { Lines } from "./lines";
import { changeActions, type OfRun, readActions, requireUuid, valueActions } from "./run-actions";
import { RunWatch } from "./run-watch";
import { toWire } from "./wire-errors";

export interface RunsNeeds {
  readonly db: Database;
}

const PRUNE_MS = 600_000;

/** Launches, shows, cancels, re-executes and deletes runs, one or all of a filter; keeps values by reference. */
export const runsService = (broker: ServiceBroker, { db }: RunsNeeds): ServiceSchema => {
  const log = broker.getLogger("runs");
  const lines = new Lines(broker, log);
  const watch = new RunWatch();
  const bulk = new BulkWork(db, lines, log);
  let timer: NodeJS.Timeout;
  let pruning: Promise<unknown> = Promise.resolve();
  const prune = async (): Promise<void> => {
    try {
      await pruneIdempotencyKeys(db);
      await pruneBulkActions(db);
      await pruneSessions(db);
    } catch (error) {
      log.warn(
        `Old idempotency keys, bulk actions, sessions and rows of the audit log stay for now: ${(error as Error).message}`,
      );
    }
  };

  return {
    name: "runs",
    mixins: [DbService],
    adapter: sharedAdapter(db),
    model: modelsOf(sequelizeOf(db)).Run,
    settings: { idField: "id", fields: [...SUMMARY_COLUMNS.split(", "), "config", "graph_id", "selection", "error"] },

    hooks: {
      before: { get: (ctx: Context<OfRun>) => requireUuid(ctx.params.id) },
      after: { get: (_ctx: Context, run: object) => withTimes(run) },
      error: { "*": (ctx: Context, error: Error) => Promise.reject(toWire(clearError(asNotFound(ctx, error)))) },
    },

    actions: {
      ...MIXED_IN,
      ...readActions(db),
      ...changeActions(db, lines, watch),
      ...bulkActions(db, bulk),
      ...valueActions(db),
    },

    events: {
      // Broadcast for live updates, to this group.
      "runs.changed": {
        group: "api",
        handler: (ctx: Context<{ runs: { id: string }[] }>) => watch.changed(ctx.params.runs.map(({ id }) => id)),
      },
    },

    started() {
      timer = setInterval(() => (pruning = prune()), PRUNE_MS).unref();
      bulk.start();
    },
    async stopped() {
      clearInterval(timer);
      await pruning;
      await bulk.stop();
      await lines.settled();
    },
  };
};

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
      this.opts = [sequelizeOf(db)];
      return (SequelizeAdapter.prototype as Adapter).connect.call(this);
    },
    disconnect: () => Promise.resolve(),
  });

const asNotFound = (ctx: Context, error: Error): Error =>
  error.name === "EntityNotFoundError" ? runNotFound((ctx.params as OfRun).id) : error;
