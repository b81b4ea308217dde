import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "moleculer";
import { DqueueError } from "../../core/errors";
import type { JsonObject, JsonSchema } from "../../core/json";
import { sendReply } from "./answer";
import { readBody } from "./body";
import type { ApiRequest, Route } from "./route";
import { unstorableText } from "./text";
import { checkBody, readQuery } from "./validate";

/** A request as moleculer-web hands it to an alias. */
export interface RoutedRequest extends IncomingMessage {
  originalUrl: string;
  $ctx: Context;
  $params: { params: Record<string, string> };
}

/** Of routes that take nothing: an empty object is nothing too. */
const NOTHING: JsonSchema = { type: "object", properties: {}, additionalProperties: false };

/** Validates a request by its route, lets the route handle it and sends its reply. */
export const perform = async (route: Route, request: RoutedRequest, response: ServerResponse): Promise<void> => {
  const asked: ApiRequest = {
    params: readParams(route, request.$params.params),
    query: readQuery(searchOf(request.originalUrl), route.query),
    body: await bodyOf(route, request),
    headers: request.headers,
    call: (action, params = {}, options = undefined) => request.$ctx.call(action, params as object, options) as never,
    raw: { request, response },
  };
  const reply = await route.handle(asked);
  if (reply) sendReply(response, reply);
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
