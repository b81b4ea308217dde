import { DqueueError } from "../core/errors";
import type { Queryable } from "./database";
import { hashText } from "./hash-text";

/** Idempotency keys are remembered this long. */
export const IDEMPOTENCY_HOURS = 24;

/** A request that is to take effect once. */
export interface KeyedRequest {
  /** null: none was given. */
  key: string | null;
  /** Whose key it is: the same key elsewhere is another key. */
  scope: string;
  /** What was asked for, as one text: the same key with another request is refused. */
  request: string;
  /** Goes on from "another request": `for job "nightly"`. */
  about: string;
  /** What the id is of, where it is told. */
  made: "run_id" | "bulk_action";
}

/**
 * Of any number of requests with one key, on any number of servers, one makes what it asks for, as `id`; a second server
 * waits here for the first's commit.
 * @returns the id of what the key stands for; null: the key is ours now, or none was given.
 * @throws DqueueError IDEMPOTENCY_KEY_REUSED when the key was used for another request within 24 hours.
 */
export const takeIdempotencyKey = async (
  tx: Queryable,
  { key, scope, request, about, made }: KeyedRequest,
  id: string,
): Promise<string | null> => {
  if (key === null) return null;
  const own = hashText(`${scope}\0${key}`);
  const asked = hashText(request);
  // `run_id` is what was made: a run, or what is done to all runs of a filter.
  const { rowCount } = await tx.query(
    `insert into idempotency_keys as known (key_hash, request_hash, run_id, created_at)
     values (decode($1, 'hex'), decode($2, 'hex'), $3, clock_timestamp())
     on conflict (key_hash) do update
       set request_hash = excluded.request_hash, run_id = excluded.run_id, created_at = excluded.created_at
       where known.created_at < clock_timestamp() - $4 * interval '1 hour'`,
    [own, asked, id, IDEMPOTENCY_HOURS],
  );
  if (rowCount === 1) return null;
  const { rows } = await tx.query<{ run_id: string; same: boolean }>(
    `select run_id, request_hash = decode($2, 'hex') as same from idempotency_keys where key_hash = decode($1, 'hex')`,
    [own, asked],
  );
  const { run_id, same } = rows[0]!;
  if (same) return run_id;
  throw new DqueueError(
    "IDEMPOTENCY_KEY_REUSED",
    `The Idempotency-Key "${key}" was used within ${IDEMPOTENCY_HOURS} hours for another request ${about} ` +
      `(${made === "run_id" ? "run" : "bulk action"} ${run_id}). Repeat that request as it was, or take a new key.`,
    { [made]: run_id },
  );
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
