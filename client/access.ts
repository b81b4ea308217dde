import type { JsonObject, PageOptions } from "./types";

/** What someone may do, from the least to the most; each may do what those before it may. */
export type AccessRole = "viewer" | "launcher" | "operator" | "admin";

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

/** A key that was just made: `key` is its whole text, which is never told again. */
export interface NewApiKey extends ApiKey {
  key: string;
}

export interface NewKeyOptions {
  /** Of the person or program whose it is. */
  name: string;
  role: AccessRole;
  /** RFC 3339, in the future; absent or null: it does not expire. */
  expires_at?: string | null;
}

/** A change that somebody asked for. */
export interface AuditEntry {
  id: number;
  at: string;
  /** How it is known who it was. */
  actor_kind: "local" | "key" | "session" | "database" | "setting" | "repl";
  actor_id: string | null;
  actor: string;
  role: AccessRole;
  /** The operation's name in the API's description, e.g. `cancelRun`. */
  action: string;
  /** What it was done to: its path under `/api/`. */
  object: string;
  details: JsonObject;
  /** `OK`, or the code of the problem; null: not known. */
  outcome: string | null;
  /** What it made: its path under `/api/`. */
  result: string | null;
  address: string | null;
  forwarded_for: string | null;
}

export interface AuditFilter extends PageOptions {
  /** Name or id. */
  actor?: string;
  action?: string;
  /** A path, or what it begins with: `runs`. */
  object?: string;
  /** Where it was asked from: an address, or what a proxy says of it. */
  address?: string;
  /** Inclusive. */
  after?: string;
  /** Exclusive. */
  before?: string;
}
