import type { AccessRole } from "../../../core/access";
import { DqueueError } from "../../../core/errors";
import type { JsonObject } from "../../../core/json";
import { createApiKey, listApiKeys, revokeApiKey } from "../../../store/api-keys";
import { type AuditFilter, listAudit } from "../../../store/audit";
import type { Database } from "../../../store/database";
import { type ApiRequest, ok, type Reply, type Route } from "../route";
import { requireTime } from "../run-query";
import { NEW_KEY } from "../schemas/access";
import { PAGING, pagingOf, text, time } from "../schemas/common";
import { answers, answersPage } from "./replies";

const LATEST = Date.parse("9999-12-31T00:00:00Z");

const expiryOf = ({ expires_at = null }: JsonObject): Date | null => {
  if (expires_at === null) return null;
  const at = new Date(expires_at as string);
  if (at.getTime() > Date.now() && at.getTime() < LATEST) return at;
  throw new DqueueError("INVALID_BODY", "/expires_at must be in the future.", {
    errors: [{ pointer: "/expires_at", message: "must be in the future" }],
  });
};

const create = async (db: Database, { body }: ApiRequest): Promise<Reply> => {
  const { name, role } = body as { name: string; role: AccessRole };
  const { stored, key } = await createApiKey(db, { name, role, expiresAt: expiryOf(body) });
  return { status: 201, body: { ...stored, key }, headers: { location: `/api/keys/${stored.id}` } };
};

const keyRoutes = (db: Database): Route[] => [
  {
    method: "GET",
    path: "/api/keys",
    operation: "listKeys",
    tag: "access",
    role: "admin",
    summary: "Lists all API keys, newest first, also those that are revoked or have expired.",
    replies: { 200: answersPage("ApiKey", "All keys, without their secrets.") },
    handle: async () => ok({ items: await listApiKeys(db), next_cursor: null }),
  },
  {
    method: "POST",
    path: "/api/keys",
    operation: "createKey",
    tag: "access",
    role: "admin",
    facts: ({ name, role, expires_at = null }) => ({ name: name!, role: role!, expires_at }),
    summary: "Makes an API key.",
    body: { schema: NEW_KEY, required: true },
    replies: { 201: answers("NewApiKey", "The key, which is never told again.") },
    handle: (request) => create(db, request),
  },
  {
    method: "DELETE",
    path: "/api/keys/:id",
    operation: "revokeKey",
    tag: "access",
    role: "admin",
    summary: "Revokes an API key: it opens nothing from now on. Repeatable.",
    params: { id: "The key's id." },
    replies: { 200: answers("ApiKey", "The key as it is now.") },
    problems: ["KEY_NOT_FOUND"],
    handle: async ({ params }) => ok(await revokeApiKey(db, params.id!)),
  },
];

const FILTER = {
  actor: { ...text("Name or id of who did it."), maxLength: 200 },
  action: { ...text("Name of an operation, e.g. `cancelRun`."), maxLength: 100 },
  object: { ...text("A path: `runs/<id>`, or `runs` for all of them."), maxLength: 2000 },
  address: { ...text("Where it was asked from: an address, or what a proxy says of it."), maxLength: 200 },
  after: time("Inclusive."),
  before: time("Exclusive."),
};

const auditRoute = (db: Database): Route => ({
  method: "GET",
  path: "/api/audit",
  operation: "listAudit",
  tag: "access",
  role: "admin",
  summary: "Lists who changed what, newest first.",
  description:
    "Each change that is asked for by this interface, or by `dqueue keys` straight in the database, is written down before it " +
    "is tried, and is refused where that cannot be done: none is missing. Requests of nobody who is known are not in it.",
  query: { ...FILTER, ...PAGING },
  replies: { 200: answersPage("AuditEntry", "A page of it.") },
  handle: async ({ query }) => {
    const { actor, action, object, address, after, before } = query as AuditFilter;
    for (const [name, value] of Object.entries({ after, before })) requireTime(name, value);
    return ok(await listAudit(db, { actor, action, object, address, after, before }, pagingOf(query)));
  },
});

/** Who may use the API, and who did what. */
export const accessRoutes = ({ db }: { db: Database }): Route[] => [...keyRoutes(db), auditRoute(db)];
