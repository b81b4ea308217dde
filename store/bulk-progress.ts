import type { BulkVerb, Refusal } from "./bulk-actions";
import type { Queryable } from "./database";
import { allOf, Conditions, type RunFilter } from "./queries/run-filter";
import { instant, MICROSECONDS } from "./queries/run-list";

/** A run of an action, and its place in it. */
export interface BulkRun {
  id: string;
  created_us: number;
}

/** An action as its owner holds it. */
export interface HeldBulkAction {
  id: string;
  verb: BulkVerb;
  from: "failure" | "start" | null;
  filter: RunFilter;
  /** The run that was reached last. */
  position: BulkRun;
}

/** How long nobody else takes what its owner does not renew. */
const LEASE = "interval '15 seconds'";
const REFUSALS_KEPT = 100;

/** The action was stopped, or is another's by now: what was to be done is not. */
export class BulkActionLost extends Error {}

/**
 * Takes actions that go on and that nobody holds, oldest first; one's own count as held only where they are in
 * `inHand`. By bulk_actions_running.
 */
export const takeBulkActions = async (
  db: Queryable,
  { owner, inHand, atMost }: { owner: string; inHand: readonly string[]; atMost: number },
): Promise<HeldBulkAction[]> => {
  const { rows } = await db.query<Omit<HeldBulkAction, "position"> & { position_id: string; position_us: number }>(
    `update bulk_actions set owner = $1, lease_until = now() + ${LEASE}
     where id in (
       select id from bulk_actions
       where status = 'RUNNING' and id <> all($2::uuid[])
         and (owner is null or owner = $1 or lease_until < now())
       order by created_at limit $3
       for update skip locked
     )
     returning id, verb, start_from as "from", filter, position_id,
       (extract(epoch from position_at) * 1000000)::bigint as position_us`,
    [owner, inHand, atMost],
  );
  return rows.map(({ position_id, position_us, ...action }) => ({
    ...action,
    position: { id: position_id, created_us: position_us },
  }));
};

/** Says that its owner lives. */
export const renewBulkActions = async (db: Queryable, owner: string): Promise<void> => {
  await db.query(`update bulk_actions set lease_until = now() + ${LEASE} where owner = $1 and status = 'RUNNING'`, [
    owner,
  ]);
};

/** Another may go on at once. */
export const releaseBulkActions = async (db: Queryable, owner: string): Promise<void> => {
  await db.query(`update bulk_actions set owner = null, lease_until = null where owner = $1`, [owner]);
};

/** The next runs of an action, as the filter finds them now; none: it is done. By the indexes of a list by creation. */
export const nextBulkRuns = async (
  db: Queryable,
  { filter, position }: HeldBulkAction,
  limit: number,
): Promise<BulkRun[]> => {
  const conditions = new Conditions(filter);
  const place = `(${instant(conditions, position.created_us)}, ${conditions.value(position.id, "uuid")})`;
  const all = [...conditions.near, `(r.created_at, r.id) < ${place}`, ...conditions.far()];
  const { rows } = await db.query<BulkRun>(
    `select r.id, ${MICROSECONDS} as created_us from runs r where ${allOf(all)}
     order by r.created_at desc, r.id desc limit ${limit}`,
    conditions.values,
  );
  return rows;
};

/**
 * Notes what came of the runs up to `reached`, in the transaction in which it was done: each run is counted once,
 * whatever happens.
 * @throws BulkActionLost.
 */
export const noteProgress = async (
  tx: Queryable,
  { id, owner, reached, done, refusals }: BulkProgress,
): Promise<void> => {
  const { rowCount } = await tx.query(
    `update bulk_actions set
       position_at = timestamptz 'epoch' + $3::bigint * interval '1 microsecond', position_id = $4,
       done = done + $5, refused = refused + $6,
       refusals = case when jsonb_array_length(refusals) < ${REFUSALS_KEPT} then refusals || $7::jsonb else refusals end,
       lease_until = now() + ${LEASE}
     where id = $1 and owner = $2 and status = 'RUNNING'
       and (position_at, position_id) > (timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4)`,
    [id, owner, reached.created_us, reached.id, done, refusals.length, JSON.stringify(refusals)],
  );
  if (rowCount === 0) throw new BulkActionLost();
};

interface BulkProgress {
  id: string;
  owner: string;
  reached: BulkRun;
  done: number;
  refusals: readonly Refusal[];
}
