import type { IncomingMessage } from "node:http";
import { type AccessRole, apiKeyParts, mayAs } from "../../core/access";
import { DqueueError } from "../../core/errors";
import { findApiKey } from "../../store/api-keys";
import type { Actor } from "../../store/audit";
import type { Queryable } from "../../store/database";

/** Who sends a request, and what they may do. */
export interface Identity extends Actor {
  kind: "local" | "key" | "session";
}

/**
 * One way to tell who sends a request; null: it does not say so in this way.
 * @throws DqueueError KEY_REFUSED where it does, and is not to be let in.
 */
export type IdentitySource = (request: IncomingMessage) => Promise<Identity | null>;

/** Who is on this machine may do everything, where nobody is asked. */
const LOCAL: Identity = { kind: "local", id: null, name: "local", role: "admin" };

/** Who sends a request, by the first source that tells; null: nobody who is known, where they have to be. */
export const identityOf =
  (sources: readonly IdentitySource[], { required }: { required: boolean }): IdentitySource =>
  async (request) => {
    for (const source of sources) {
      const identity = await source(request);
      if (identity) return identity;
    }
    return required ? null : LOCAL;
  };

/** Those who send an API key, as `Authorization: Bearer`. What is none may be meant for a proxy in front. */
export const keyIdentity =
  (db: Queryable): IdentitySource =>
  async ({ headers: { authorization = "" } }) => {
    const [, given = ""] = /^bearer +(\S+)$/i.exec(authorization.trim()) ?? [];
    const parts = apiKeyParts(given);
    if (!parts) return null;
    const key = await findApiKey(db, given);
    if (key) return { kind: "key", ...key };
    throw new DqueueError("KEY_REFUSED", `The API key ${parts.id} is not known here, or its secret is wrong.`);
  };

/** @throws DqueueError UNAUTHENTICATED, ROLE_TOO_LOW. */
export const requireRole = (identity: Identity | null, needed: AccessRole, request: IncomingMessage): Identity => {
  if (!identity) throw unauthenticated(request);
  if (mayAs(identity.role, needed)) return identity;
  throw new DqueueError(
    "ROLE_TOO_LOW",
    `This needs the role ${needed}; ${identity.name} is ${identity.role}. Use a key with that role.`,
    { required_role: needed, role: identity.role },
  );
};

const unauthenticated = ({ headers }: IncomingMessage): DqueueError =>
  new DqueueError(
    "UNAUTHENTICATED",
    `${headers.authorization === undefined ? "The request has no API key" : "What the request has as its Authorization is no API key"}: ` +
      "send one as `Authorization: Bearer <key>`. `dqueue keys create` makes one.",
  );

const REFUSALS = new Set(["UNAUTHENTICATED", "KEY_REFUSED", "ROLE_TOO_LOW"]);

/** True where it was found out that somebody may not come in, and not only that nothing could be found out. */
export const isRefusal = (error: unknown): boolean => error instanceof DqueueError && REFUSALS.has(error.code);
