import { v7 as uuidv7 } from "uuid";
import { counted } from "../core/counted";
import { DqueueError } from "../core/errors";
import { RUN_STATUSES, runHasEnded, type RunStatus } from "../core/status";
import type { Queryable } from "./database";
import { type KeyedRequest, takeIdempotencyKey } from "./idempotency-keys";
import { countRuns } from "./queries/run-figures";
import type { RunFilter } from "./queries/run-filter";
import { isUuid } from "./queries/paging";
import { withTimes } from "./queries/runs";

export type BulkVerb = "cancel" | "reexecute" | "delete";

/** What is to be done, to which runs. */
export interface BulkRequest {
  verb: BulkVerb;
  /** Of a re-execution: where it begins; else null. */
  from: "failure" | "start" | null;
  filter: RunFilter;
  /** How many runs whoever asks believes that to be. */
  count: number;
}

/** Why a run was left as it is. */
export interface Refusal {
  run_id: string;
  code: string;
  detail: string;
}

/** How far it is. Runs that left the filter before they were reached are neither done nor refused. */
export interface BulkAction {
  id: string;
  verb: BulkVerb;
  from: "failure" | "start" | null;
  status: "RUNNING" | "DONE" | "STOPPED";
  total: number;
  done: number;
  refused: number;
  /** The first 100. */
  refusals: Refusal[];
  created_at: string;
  ended_at: string | null;
}

const COLUMNS = `id, verb, start_from as "from", status, total, done, refused, refusals, created_at, ended_at`;
/** Where the count that was confirmed is farther off, the filter is not what it was taken for. */
const TOLERANCE = 0.05;
const KEPT_DAYS = 30;
/** Keys of those who act on filters. No job has such a name. */
const KEYS = { scope: "\0bulk", about: "to act on all runs of a filter", made: "bulk_action" } as const;

/** The runs that a verb is for. */
const isFor = ({ verb, from }: Pick<BulkRequest, "verb" | "from">, status: RunStatus): boolean => {
  if (verb === "cancel") return !runHasEnded(status) && status !== "CANCELING";
  return from === "failure" ? status === "FAILURE" : runHasEnded(status);
};

/** Those of a filter's runs that the verb is for; null: there can be none. */
const narrowed = (request: BulkRequest): RunFilter | null => {
  const { any, none } = request.filter.status ?? { any: [], none: [] };
  const fits = (status: RunStatus): boolean =>
    isFor(request, status) && (any.length === 0 || any.includes(status)) && !none.includes(status);
  const statuses = RUN_STATUSES.filter(fits);
  return statuses.length === 0 ? null : { ...request.filter, status: { any: statuses, none: [] } };
};

/**
 * Begins to do something to all runs of a filter that it can be done to; whoever holds the action goes through them.
 * @param keyed in a transaction: the same request with the same key begins once.
 * @throws DqueueError COUNT_DIFFERS where they are more than 5 % more or fewer than was confirmed.
 */
export const startBulkAction = async (
  db: Queryable,
  request: BulkRequest,
  keyed: Pick<KeyedRequest, "key" | "request"> | null = null,
): Promise<BulkAction> => {
  const { verb, from, count } = request;
  const id = uuidv7();
  const known = keyed && (await takeIdempotencyKey(db, { ...keyed, ...KEYS }, id));
  if (known) return getBulkAction(db, known);
  const filter = narrowed(request);
  const total = filter ? (await countRuns(db, filter, { whole: true })).total : 0;
  if (filter === null || Math.abs(total - count) > TOLERANCE * count) throw countDiffers(count, total);
  const { rows } = await db.query(
    `insert into bulk_actions (id, verb, start_from, filter, total, created_at, position_at, position_id)
     select $1, $2, $3, $4, $5, now, now, 'ffffffff-ffff-ffff-ffff-ffffffffffff' from clock_timestamp() as now
     returning ${COLUMNS}`,
    [id, verb, from, JSON.stringify(filter), total],
  );
  return withTimes<BulkAction>(rows[0]!);
};

const countDiffers = (confirmed: number, total: number): DqueueError =>
  new DqueueError(
    "COUNT_DIFFERS",
    `It would be ${counted(total, "run")} and not ${confirmed}: nothing was done. Look at what the filter ` +
      `finds now, and confirm that count.`,
    { confirmed, count: total },
  );

/** @throws DqueueError BULK_ACTION_NOT_FOUND. */
export const getBulkAction = async (db: Queryable, id: string): Promise<BulkAction> => {
  const { rows } = isUuid(id)
    ? await db.query(`select ${COLUMNS} from bulk_actions where id = $1`, [id])
    : { rows: [] };
  if (rows[0]) return withTimes<BulkAction>(rows[0]);
  throw new DqueueError("BULK_ACTION_NOT_FOUND", `There is no bulk action ${id}.`, { bulk_action: id });
};

/** What was done stays done, nothing more is. Repeatable. @throws DqueueError BULK_ACTION_NOT_FOUND. */
export const stopBulkAction = async (db: Queryable, id: string): Promise<BulkAction> => {
  if (isUuid(id)) await endBulkAction(db, id, "STOPPED");
  return getBulkAction(db, id);
};

/** Changes nothing where it has ended. */
export const endBulkAction = async (db: Queryable, id: string, status: "DONE" | "STOPPED"): Promise<void> => {
  await db.query(
    `update bulk_actions set status = $2, ended_at = clock_timestamp(), owner = null, lease_until = null
     where id = $1 and status = 'RUNNING'`,
    [id, status],
  );
};

/** Deletes a batch of those that ended long ago. By bulk_actions_ended. */
export const pruneBulkActions = async (db: Queryable): Promise<void> => {
  await db.query(
    `delete from bulk_actions where id in (
       select id from bulk_actions where ended_at < now() - $1 * interval '1 day' limit 1000)`,
    [KEPT_DAYS],
  );
};
