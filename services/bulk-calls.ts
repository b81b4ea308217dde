import type { Context, ServiceActionsSchema } from "moleculer";
import { type BulkRequest, getBulkAction, startBulkAction, stopBulkAction } from "../store/bulk-actions";
import type { Database } from "../store/database";
import { sortedJson } from "./sorted-json";
import type { OfRun } from "./run-actions";
import type { BulkWork } from "./bulk-work";

/** What is done to all runs of a filter: begun, looked at, stopped. */
export const bulkActions = (db: Database, work: BulkWork): ServiceActionsSchema => ({
  startBulk: async (ctx: Context<BulkRequest & { idempotency_key: string | null }>) => {
    const { idempotency_key: key, ...asked } = ctx.params;
    const keyed = { key, request: sortedJson(asked) };
    const action = await db.transaction((tx) => startBulkAction(tx, asked, keyed));
    work.look();
    return action;
  },

  bulk: (ctx: Context<OfRun>) => getBulkAction(db, ctx.params.id),

  stopBulk: (ctx: Context<OfRun>) => stopBulkAction(db, ctx.params.id),
});
