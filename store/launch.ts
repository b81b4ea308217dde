import { v7 as uuidv7 } from "uuid";
import { DqueueError } from "../core/errors";
import type { Launch } from "../core/ticks";
import { createRuns } from "./create-runs";
import type { Database, Queryable } from "./database";
import { hashText } from "./hash-text";

/** Idempotency keys are remembered this long. */
export const IDEMPOTENCY_HOURS = 24;
/** The name under which run keys given over the API stand beside the sensors'. */
const API = "";

/** A launch that is to happen once. */
export interface KeyedLaunch extends Launch {
  /** Same key, same job: the same run; null: none was given. */
  idempotencyKey: string | null;
  /** What was asked for, as one text: the same key with another request is refused. */
  request: string;
}

/** `created` false: the run was there already. */
export interface LaunchResult {
  id: string;
  created: boolean;
}

/**
 * Launches a run in one transaction with its keys. Of any number of launches with one key, on any number of servers,
 * one creates the run and all return its id.
 * @throws DqueueError IDEMPOTENCY_KEY_REUSED when the key was used for another request within 24 hours.
 */
export const launchRun = (db: Database, launch: KeyedLaunch): Promise<LaunchResult> =>
  db.transaction(async (tx) => {
    const id = uuidv7();
    const known = (await takeIdempotencyKey(tx, launch, id)) ?? (await takeRunKey(tx, launch, id));
    if (known !== null) return { id: known, created: false };
    await createRuns(tx, [{ ...launch, id }]);
    return { id, created: true };
  });

/** The run that this key stands for; null: the key is ours now. A second server waits here for the first's commit. */
const takeIdempotencyKey = async (
  tx: Queryable,
  { idempotencyKey, job, request }: KeyedLaunch,
  id: string,
): Promise<string | null> => {
  if (idempotencyKey === null) return null;
  // Keys are the job's: the same key for another job is another key.
  const key = hashText(`${job}\0${idempotencyKey}`);
  const asked = hashText(request);
  const { rowCount } = await tx.query(
    `insert into idempotency_keys as known (key_hash, request_hash, run_id, created_at)
     values (decode($1, 'hex'), decode($2, 'hex'), $3, clock_timestamp())
     on conflict (key_hash) do update
       set request_hash = excluded.request_hash, run_id = excluded.run_id, created_at = excluded.created_at
       where known.created_at < clock_timestamp() - $4 * interval '1 hour'`,
    [key, asked, id, IDEMPOTENCY_HOURS],
  );
  if (rowCount === 1) return null;
  const { rows } = await tx.query<{ run_id: string; same: boolean }>(
    `select run_id, request_hash = decode($2, 'hex') as same from idempotency_keys where key_hash = decode($1, 'hex')`,
    [key, asked],
  );
  const { run_id, same } = rows[0]!;
  if (same) return run_id;
  throw new DqueueError(
    "IDEMPOTENCY_KEY_REUSED",
    `The Idempotency-Key "${idempotencyKey}" was used within ${IDEMPOTENCY_HOURS} hours for another request for job ` +
      `"${job}" (run ${run_id}). Repeat that request as it was, or take a new key.`,
    { run_id },
  );
};

/** The run that this run key launched, ever; null: the key is ours now. */
const takeRunKey = async (tx: Queryable, { runKey }: KeyedLaunch, id: string): Promise<string | null> => {
  if (runKey === null) return null;
  const { rows } = await tx.query<{ run_id: string; fresh: boolean }>(
    // The update changes nothing; it makes the row of the other one visible, once that is committed.
    `insert into run_keys as known (instigator, run_key_hash, run_key, run_id) values ($1, decode($2, 'hex'), $3, $4)
     on conflict (instigator, run_key_hash) do update set run_id = known.run_id
     returning run_id, run_id = $4 as fresh`,
    [API, hashText(runKey), runKey, id],
  );
  return rows[0]!.fresh ? null : rows[0]!.run_id;
};

/** Deletes a batch of idempotency keys that are past their time; returns how many. By idempotency_keys_by_age. */
export const pruneIdempotencyKeys = async (db: Queryable): Promise<number> => {
  const { rowCount } = await db.query(
    `delete from idempotency_keys where key_hash in (
       select key_hash from idempotency_keys where created_at < now() - $1 * interval '1 hour' limit 1000)`,
    [IDEMPOTENCY_HOURS],
  );
  return rowCount;
};
