import { randomBytes } from "node:crypto";
import type { ApiKey } from "./api-keys";
import type { Queryable } from "./database";
import { hashSecret } from "./hash-text";

/** Who signed in: the holder of a key, or of a company account that is known by its address. */
export type SessionHolder = { key: Pick<ApiKey, "id" | "name" | "role"> } | { email: string };

const TOKEN_BYTES = 32;
/** No session lives longer, in seconds: a key may be handed on, and a company account be closed, without a word to us. */
const LIFE_S = { key: 7 * 86_400, email: 12 * 3_600 };
/** Ended when nothing was heard of it for so long; an open page is heard of. */
const IDLE = "interval '8 hours'";

/** @returns what the session's cookie is to hold, and for how many seconds. */
export const beginSession = async (
  db: Queryable,
  holder: SessionHolder,
): Promise<{ token: string; seconds: number }> => {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const key = "key" in holder ? holder.key.id : null;
  const email = "email" in holder ? holder.email : null;
  const seconds = key === null ? LIFE_S.email : LIFE_S.key;
  await db.query(
    `insert into sessions (token_hash, key_id, email, created_at, seen_at, expires_at)
     values ($1, $2, $3, now(), now(), now() + $4 * interval '1 second')`,
    [hashSecret(token), key, email, seconds],
  );
  return { token, seconds };
};

interface SessionRow {
  email: string | null;
  id: string;
  name: string;
  role: ApiKey["role"];
  unseen_for_a_minute: boolean;
}

/** Whose session it is; null: nobody's, or it has ended: by itself, or with its key. */
export const findSession = async (db: Queryable, token: string): Promise<SessionHolder | null> => {
  const { rows } = await db.query<SessionRow>(
    `select s.email, k.id, k.name, k.role, s.seen_at < now() - interval '1 minute' as unseen_for_a_minute
     from sessions s left join api_keys k on k.id = s.key_id
     where s.token_hash = $1 and s.expires_at > now() and s.seen_at > now() - ${IDLE}
       and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`,
    [hashSecret(token)],
    "dqueue_session_find",
  );
  const found = rows[0];
  if (!found) return null;
  if (found.unseen_for_a_minute) await noteUse(db, token);
  const { email, id, name, role } = found;
  return email === null ? { key: { id, name, role } } : { email };
};

/** A session's use is a use of its key. */
const noteUse = async (db: Queryable, token: string): Promise<void> => {
  await db.query(
    `with seen as (update sessions set seen_at = now() where token_hash = $1 returning key_id)
     update api_keys set last_used_at = now() where id = (select key_id from seen)`,
    [hashSecret(token)],
  );
};

/** Its cookie opens nothing from now on, on any web server. Repeatable. */
export const endSession = async (db: Queryable, token: string): Promise<void> => {
  await db.query(`delete from sessions where token_hash = $1`, [hashSecret(token)]);
};

/** Deletes a batch of those that have ended by themselves. */
export const pruneSessions = async (db: Queryable): Promise<void> => {
  await db.query(
    `delete from sessions where token_hash in
       (select token_hash from sessions where expires_at < now() or seen_at < now() - ${IDLE} limit 10000)`,
  );
};
