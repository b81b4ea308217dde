import type { IncomingMessage } from "node:http";
import type { JsonObject } from "../../core/json";
import type { AuditEntry } from "../../store/audit";
import type { Queryable } from "../../store/database";
import { audited } from "../audited";
import type { Identity } from "./identity";
import type { Reply, Route, RoutedRequest } from "./route";

const isChange = ({ method, changes }: Route): boolean => method !== "GET" && changes !== false;

/** What a request is about, as a path in the API without "/api/": its address up to the last name in it. */
const objectOf = ({ path }: Route, params: Readonly<Record<string, string>>): string => {
  const parts = path.split("/").slice(2);
  const last = parts.findLastIndex((part) => part.startsWith(":"));
  return parts
    .slice(0, last < 0 ? parts.length : last + 1)
    .map((part) => (part.startsWith(":") ? params[part.slice(1)]! : part))
    .join("/");
};

const FORWARDED_LENGTH = 200;

const entryOf = (route: Route, request: RoutedRequest, actor: Identity, details: JsonObject): AuditEntry => ({
  actor,
  action: route.operation,
  object: objectOf(route, request.$params.params),
  details,
  ...originOf(request),
});

/** Where a request came from, as the audit log has it. */
export const originOf = (request: IncomingMessage): Pick<AuditEntry, "address" | "forwardedFor"> => ({
  address: request.socket.remoteAddress ?? null,
  forwardedFor: forwardedFor(request),
});

const forwardedFor = ({ headers }: IncomingMessage): string | null =>
  headers["x-forwarded-for"]?.toString().slice(0, FORWARDED_LENGTH) ?? null;

/** What a reply says was made: an address of the API without "/api/". */
const madeBy = (reply: Reply | null): string | null =>
  reply?.headers?.location?.toString().replace(/^\/api\//, "") ?? null;

/** Lets a route handle a request; where it changes something, on record. */
export const onRecord = (
  db: Queryable,
  route: Route,
  request: RoutedRequest,
  actor: Identity | null,
  body: JsonObject,
  handle: () => Promise<Reply | null>,
): Promise<Reply | null> => {
  if (!isChange(route) || actor === null) return handle();
  return audited(db, entryOf(route, request, actor, route.facts?.(body) ?? {}), handle, madeBy);
};

/** Writes down that somebody known tried what they may not do, where that would have been a change. */
export const recordRefusal = async (
  db: Queryable,
  route: Route,
  request: RoutedRequest,
  actor: Identity,
  refusal: unknown,
): Promise<never> => {
  if (!isChange(route)) throw refusal;
  return audited(db, entryOf(route, request, actor, {}), () => Promise.reject(refusal as Error));
};
