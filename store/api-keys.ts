import { randomBytes, timingSafeEqual } from "node:crypto";
import { type AccessRole, apiKeyParts } from "../core/access";
import { DqueueError } from "../core/errors";
import type { Queryable } from "./database";
import { hashSecret } from "./hash-text";
import { withTimes } from "./queries/runs";

/** A key as it may be shown: without its secret, which nobody has but who was given it. */
export interface ApiKey {
  id: string;
  name: string;
  role: AccessRole;
  created_at: string;
  /** null: it does not expire. */
  expires_at: string | null;
  /** To the minute; null: never. */
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface NewApiKey {
  name: string;
  role: AccessRole;
  expiresAt: Date | null;
}

const COLUMNS = "id, name, role, created_at, expires_at, last_used_at, revoked_at";
const SECRET_BYTES = 32;

/** @returns the key, and its whole text, which is never to be had again. */
export const createApiKey = async (
  db: Queryable,
  { name, role, expiresAt }: NewApiKey,
): Promise<{ stored: ApiKey; key: string }> => {
  const id = `dq_${randomBytes(8).toString("hex")}`;
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const { rows } = await db.query(
    `insert into api_keys (id, secret_hash, name, role, created_at, expires_at)
     values ($1, $2, $3, $4, clock_timestamp(), $5) returning ${COLUMNS}`,
    [id, hashSecret(secret), name, role, expiresAt],
  );
  return { stored: withTimes<ApiKey>(rows[0]!), key: `${id}.${secret}` };
};

/**
 * Makes a key that somebody else has chosen one of this database's; one that was there before stays as it is.
 * @returns true if it was not there.
 * @throws DqueueError KEY_TAKEN where its id belongs to another secret.
 */
export const keepApiKey = async (
  db: Queryable,
  key: string,
  { name, role }: Omit<NewApiKey, "expiresAt">,
): Promise<boolean> => {
  const { id, secret } = apiKeyParts(key)!;
  const hash = hashSecret(secret);
  const { rowCount } = await db.query(
    `insert into api_keys (id, secret_hash, name, role, created_at) values ($1, $2, $3, $4, clock_timestamp())
     on conflict (id) do nothing`,
    [id, hash, name, role],
  );
  if (rowCount === 1) return true;
  const { rows } = await db.query<{ secret_hash: Buffer }>("select secret_hash from api_keys where id = $1", [id]);
  if (rows[0] && timingSafeEqual(rows[0].secret_hash, hash)) return false;
  throw new DqueueError(
    "KEY_TAKEN",
    `The database has the API key ${id} with another secret: a new key needs a new id.`,
    { id },
  );
};

interface KeyRow extends Omit<ApiKey, "expires_at" | "revoked_at"> {
  secret_hash: Buffer;
  expired_at: Date | null;
  revoked_at: Date | null;
  unused_for_a_minute: boolean;
}

/**
 * Whose key that is; null: nobody's.
 * @throws DqueueError KEY_REFUSED where it was one, and has expired or been revoked.
 */
export const findApiKey = async (db: Queryable, key: string): Promise<Pick<ApiKey, "id" | "name" | "role"> | null> => {
  const parts = apiKeyParts(key);
  if (parts === null) return null;
  const { rows } = await db.query<KeyRow>(
    `select id, name, role, secret_hash, revoked_at, case when expires_at <= now() then expires_at end as expired_at,
       (last_used_at is null or last_used_at < now() - interval '1 minute') as unused_for_a_minute
     from api_keys where id = $1`,
    [parts.id],
    "dqueue_key_find",
  );
  const found = rows[0];
  // Compared in constant time: how long it takes tells nothing of the secret.
  if (!found || !timingSafeEqual(found.secret_hash, hashSecret(parts.secret))) return null;
  const { id, name, role, revoked_at, expired_at } = found;
  if (revoked_at) throw refused(found, "was revoked", revoked_at);
  if (expired_at) throw refused(found, "expired", expired_at);
  if (found.unused_for_a_minute) await noteUse(db, id);
  return { id, name, role };
};

const refused = ({ id, name }: KeyRow, what: string, at: Date): DqueueError =>
  new DqueueError("KEY_REFUSED", `The API key "${name}" (${id}) ${what} at ${at.toISOString()}.`);

const noteUse = async (db: Queryable, id: string): Promise<void> => {
  await db.query(
    `update api_keys set last_used_at = now()
     where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [id],
  );
};

/** True if there is a key that opens. */
export const hasUsableKey = async (db: Queryable): Promise<boolean> => {
  const { rowCount } = await db.query(
    `select 1 from api_keys where revoked_at is null and (expires_at is null or expires_at > now()) limit 1`,
  );
  return rowCount === 1;
};

/** All keys, also those that open nothing any more, newest first. There are as many as people and programs. */
export const listApiKeys = async (db: Queryable): Promise<ApiKey[]> => {
  const { rows } = await db.query(`select ${COLUMNS} from api_keys order by created_at desc, id`);
  return rows.map((row) => withTimes<ApiKey>(row));
};

/** It opens nothing from now on, on any web server. Repeatable. @throws DqueueError KEY_NOT_FOUND. */
export const revokeApiKey = async (db: Queryable, id: string): Promise<ApiKey> => {
  const { rows } = await db.query(
    `update api_keys set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 returning ${COLUMNS}`,
    [id],
  );
  if (rows[0]) return withTimes<ApiKey>(rows[0]);
  throw new DqueueError("KEY_NOT_FOUND", `There is no API key ${id}. \`dqueue keys list\` shows what there is.`, {
    id,
  });
};
