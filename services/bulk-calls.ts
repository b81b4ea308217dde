import type { Context, ServiceActionsSchema } from "moleculer";
import { type BulkRequest, getBulkAction, startBulkAction, stopBulkAction } from "../store/bulk-actions";
import type { Database } from "../store/database";
import type { OfRun } from "./run-actions";
import type { BulkWork } from "./bulk-work";

/** What is done to all runs of a filter: begun, looked at, stopped. */
export const bulkActions = (db: Database, work: BulkWork): ServiceActionsSchema => ({
  startBulk: async (ctx: Context<BulkRequest>) => {
    const action = await startBulkAction(db, ctx.params);
    work.look();
    return action;
  },

  bulk: (ctx: Context<OfRun>) => getBulkAction(db, ctx.params.id),

  stopBulk: (ctx: Context<OfRun>) => stopBulkAction(db, ctx.params.id),
});
