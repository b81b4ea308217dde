import { hostname } from "node:os";
import type { AccessRole } from "../core/access";
import type { JsonObject } from "../core/json";
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from "../store/api-keys";
import type { AuditEntry } from "../store/audit";
import type { Database } from "../store/database";
import { audited } from "./audited";
import { prepareSchema, withDatabase } from "./offline";
import type { Settings } from "./settings";
import { keepAdminKey } from "./sign-in";

/** The API keys of a database, changed on record. */
export interface DatabaseKeys {
  list(): Promise<{ items: ApiKey[] }>;
  /** `key` is its whole text. */
  create(key: { name: string; role: AccessRole; expires_at: string | null }): Promise<ApiKey & { key: string }>;
  /** Fails with KEY_NOT_FOUND. */
  revoke(id: string): Promise<ApiKey>;
}

/** Opens the database itself, without a server; fails with HOME_IN_USE where one holds the embedded one. */
export const withDatabaseKeys = <T>(settings: Settings, work: (keys: DatabaseKeys) => Promise<T>): Promise<T> =>
  withDatabase(settings, async (db) => {
    await prepareSchema(db, settings);
    await keepAdminKey(db, settings);
    return work(keysOf(db));
  });

const keysOf = (db: Database): DatabaseKeys => ({
  list: async () => ({ items: await listApiKeys(db) }),
  create: ({ name, role, expires_at }) =>
    audited(
      db,
      entry("createKey", "keys", { name, role, expires_at }),
      async () => {
        const expiresAt = expires_at === null ? null : new Date(expires_at);
        const { stored, key } = await createApiKey(db, { name, role, expiresAt });
        return { ...stored, key };
      },
      ({ id }) => `keys/${id}`,
    ),
  revoke: (id) => audited(db, entry("revokeKey", `keys/${id}`, {}), () => revokeApiKey(db, id)),
});

/** Who may open the database may do everything. */
const entry = (action: string, object: string, details: JsonObject): AuditEntry => ({
  actor: { kind: "database", id: null, name: `${userName()}@${hostname()}`, role: "admin" },
  ...{ action, object, details, address: null, forwardedFor: null },
});

/** Containers may be run as a user that no file of theirs knows. */
const userName = (): string => process.env.USER ?? process.env.USERNAME ?? `user ${process.getuid?.() ?? "unknown"}`;
