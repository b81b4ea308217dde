import { v7 as uuidv7 } from "uuid";
import type { Launch } from "../core/ticks";
import { createRuns } from "./create-runs";
import type { Database, Queryable } from "./database";
import { hashText } from "./hash-text";
import { takeIdempotencyKey } from "./idempotency-keys";

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
    const { idempotencyKey: key, job, request } = launch;
    const keyed = { key, scope: job, request, about: `for job "${job}"`, made: "run_id" as const };
    const known = (await takeIdempotencyKey(tx, keyed, id)) ?? (await takeRunKey(tx, launch, id));
    if (known !== null) return { id: known, created: false };
    await createRuns(tx, [{ ...launch, id }]);
    return { id, created: true };
  });

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
