import type { ServerResponse } from "node:http";
import { DqueueError } from "../../core/errors";
import type { JsonObject, JsonSchema } from "../../core/json";
import type { Database } from "../../store/database";
import { sendReply } from "./answer";
import { onRecord, recordRefusal } from "./audit-trail";
import { readBody } from "./body";
import { type Identity, type IdentitySource, isRefusal, requireRole } from "./identity";
import type { ApiRequest, Route, RoutedRequest } from "./route";
import { traceLaunch } from "../traces/launch-spans";
import type { Traces } from "../traces/traces";
import { unstorableText } from "./text";
import { checkBody, readQuery } from "./validate";

/** Of routes that take nothing: an empty object is nothing too. */
const NOTHING: JsonSchema = { type: "object", properties: {}, additionalProperties: false };

/** What every route stands behind. */
export interface Door {
  readonly db: Database;
  readonly identify: IdentitySource;
  /** null: traces are off. */
  readonly traces: Traces | null;
}

/** Asks who sends a request, validates it by its route, lets the route handle it and sends its reply. */
export const perform = async (
  door: Door,
  route: Route,
  request: RoutedRequest,
  response: ServerResponse,
): Promise<void> => {
  const start = Date.now();
  const params = readParams(route, request.$params.params);
  const identity = await admit(door, route, request);
  const asked: ApiRequest = {
    params,
    query: route.openQuery ? {} : readQuery(searchOf(request.originalUrl), route.query),
    body: await bodyOf(route, request),
    headers: request.headers,
    identity,
    stillAllowed: () => isAllowed(door, route, request),
    call: (action, params = {}, options = undefined) => request.$ctx.call(action, params as object, options) as never,
    raw: { request, response },
  };
  const reply = await onRecord(door.db, route, request, identity, asked.body, async () => route.handle(asked));
  if (reply?.status === 201 && route.launches)
    tellLaunch(door, route, request, { start, run: reply.body as { id: string } });
  if (reply) sendReply(response, reply);
};

/** The one place in which a request is let through to its route. */
const admit = async ({ db, identify }: Door, route: Route, request: RoutedRequest): Promise<Identity | null> => {
  if (route.role === "public") return null;
  const identity = await identify(request);
  try {
    return requireRole(identity, route.role, request);
  } catch (refusal) {
    if (identity) await recordRefusal(db, route, request, identity, refusal);
    throw refusal;
  }
};

/** True also where that cannot be found out at the moment. */
const isAllowed = async ({ identify }: Door, { role }: Route, request: RoutedRequest): Promise<boolean> => {
  try {
    if (role !== "public") requireRole(await identify(request), role, request);
    return true;
  } catch (error) {
    return !isRefusal(error);
  }
};

const tellLaunch = (
  { traces }: Door,
  { method, path }: Route,
  { headers }: RoutedRequest,
  { start, run }: { start: number; run: { id: string } },
): void => {
  if (!traces) return;
  const { traceparent } = headers;
  traceLaunch(traces, run.id, { name: `${method} ${path}`, traceparent, start, end: Date.now() });
};

const searchOf = (url: string): string => (url.includes("?") ? url.slice(url.indexOf("?") + 1) : "");

const readParams = ({ path }: Route, params: Record<string, string> = {}): Record<string, string> => {
  for (const [name, value] of Object.entries(params)) {
    const flaw = unstorableText(value);
    if (flaw) throw new DqueueError("NOT_FOUND", `There is nothing at ${path}: its ${name} ${flaw}.`);
  }
  return params;
};

const bodyOf = async ({ method, body }: Route, request: RoutedRequest): Promise<JsonObject> => {
  if (method === "GET") return {};
  const given = await readBody(request);
  if (given === undefined && body?.required) {
    throw new DqueueError("INVALID_BODY", "The request needs a JSON object as its body.", {
      errors: [{ pointer: "", message: "is required" }],
    });
  }
  checkBody(body?.schema ?? NOTHING, given ?? {});
  return (given ?? {}) as JsonObject;
};
