import { DqueueError } from "../core/errors";
import { type RunStatus, runHasEnded } from "../core/status";
import { BULK_TAG } from "./bulk-tag";
import type { Queryable } from "./database";
import { DAY_MS, timeOfId } from "./partitions";
import { isUuid } from "./queries/paging";
import { forgetRuns } from "./retention/forget-runs";

export const runNotFound = (id: string): DqueueError =>
  new DqueueError("RUN_NOT_FOUND", `There is no run ${id}.${whatOfIt(id)}`, { run: id });

/** Ids of this kind are younger. */
const OLDEST_ID = Date.UTC(2024, 0);

/** Of whose id an earlier day can be read. */
const whatOfIt = (id: string): string => {
  if (!isUuid(id)) return " Runs have ids such as 01a21516-3caf-731f-9182-2044b8046000; `dqueue runs` lists them.";
  const at = id[14] === "7" ? timeOfId(id) : Infinity;
  if (at < OLDEST_ID || at > Date.now() - DAY_MS) return "";
  const day = new Date(at).toISOString().slice(0, 10);
  return ` By its id it was launched on ${day}: runs are removed some time after their end (RETENTION_DAYS), or by hand.`;
};

export interface CancelIntent {
  status: RunStatus;
  shard: number;
  cancelRequestedAt: Date | null;
}

/**
 * Notes that a run is to be canceled; its owner does it. To ask again, also for a run that was canceled, changes
 * nothing. Afterwards tell the owner of the shard to look.
 * @throws DqueueError RUN_NOT_FOUND, or RUN_ENDED where it has ended otherwise.
 */
export const requestCancel = async (db: Queryable, id: string): Promise<CancelIntent> => {
  const { rows } = await db.query<{ status: RunStatus; shard: number; cancel_requested_at: Date | null }>(
    `update runs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
     where id = $1 and ended_at is null and cancel_requested_at is null
     returning status, shard, cancel_requested_at`,
    [id],
  );
  const found = rows[0] ?? (await statusOf(db, id));
  if (!found) throw runNotFound(id);
  const { status, shard, cancel_requested_at } = found;
  if (runHasEnded(status) && status !== "CANCELED") {
    throw new DqueueError("RUN_ENDED", `Run ${id} has ended with ${status}: there is nothing to cancel.`, {
      run: id,
      run_status: status,
    });
  }
  return { status, shard, cancelRequestedAt: cancel_requested_at };
};

/**
 * Notes that these runs are to be canceled by a bulk action, whose id becomes a tag of theirs. To ask again changes
 * nothing else. @returns those that had not ended; afterwards tell the owners of their shards to look.
 */
export const requestCancels = async (
  tx: Queryable,
  ids: readonly string[],
  bulk: string,
): Promise<{ id: string; shard: number }[]> => {
  const { rows } = await tx.query<{ id: string; shard: number }>(
    `update runs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
       tags = tags || jsonb_build_object($2::text, $3::text)
     where id = any($1::uuid[]) and ended_at is null
     returning id, shard`,
    [ids, BULK_TAG, bulk],
  );
  return rows;
};

const statusOf = async (
  db: Queryable,
  id: string,
): Promise<{ status: RunStatus; shard: number; cancel_requested_at: Date | null } | undefined> => {
  const { rows } = await db.query<{ status: RunStatus; shard: number; cancel_requested_at: Date | null }>(
    `select status, shard, cancel_requested_at from runs where id = $1`,
    [id],
  );
  return rows[0];
};

/**
 * Deletes an ended run with its steps, events and logs, in the caller's transaction. Its run key and idempotency key
 * stay taken, and values that re-executions reuse become theirs.
 * @throws DqueueError RUN_NOT_FOUND, RUN_NOT_ENDED.
 */
export const deleteRun = async (tx: Queryable, id: string): Promise<void> => {
  const { rows } = await tx.query<{ status: RunStatus; hooks_open: boolean; root: string }>(
    `select status, hooks_open, coalesce(root_run_id, id) as root from runs where id = $1 for update`,
    [id],
  );
  const run = rows[0];
  if (!run) throw runNotFound(id);
  if (!runHasEnded(run.status) || run.hooks_open) {
    const what = runHasEnded(run.status) ? "has ended, but its job hook still runs" : `is ${run.status}`;
    throw new DqueueError("RUN_NOT_ENDED", `Run ${id} ${what}: cancel it first, or wait for its end.`, {
      run: id,
      run_status: run.status,
    });
  }
  await forgetRuns(tx, [{ id, root: run.root }]);
  for (const table of ["logs", "event_batches", "items", "steps", "pool_slots", '"values"'])
    await tx.query(`delete from ${table} where run_id = $1`, [id]);
};
