import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "moleculer";
import type { AccessRole } from "../../core/access";
import type { JsonObject, JsonSchema } from "../../core/json";
import type { Identity } from "./identity";

/** A request as moleculer-web hands it to an alias. */
export interface RoutedRequest extends IncomingMessage {
  originalUrl: string;
  $ctx: Context;
  $params: { params: Record<string, string> };
}

/** A request as a route's handler sees it: validated. */
export interface ApiRequest {
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Of the query string, by its schemas: integers are numbers, repeatable ones arrays; absent ones are absent. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Valid by the route's schema; `{}` where a body may be absent and is. */
  readonly body: JsonObject;
  readonly headers: IncomingMessage["headers"];
  /** Who sends it; null where a public route asks nobody. */
  readonly identity: Identity | null;
  /** Whether who sends it could still do so now: a key may have been revoked while a stream is open. */
  stillAllowed(): Promise<boolean>;
  /** Calls an action within the request's context. */
  call<T>(action: string, params?: object, options?: { timeout: number }): Promise<T>;
  readonly raw: { request: IncomingMessage; response: ServerResponse };
}

export interface Reply {
  status: number;
  /** Sent as JSON; a string or bytes as they are, with `type`. */
  body: unknown;
  /** Content type of a text. */
  type?: string;
  headers?: Record<string, string | string[]>;
}

/** A reply's description; `schema` null: not JSON. */
export interface ReplyDoc {
  description: string;
  schema: JsonSchema | null;
  /** Where it is not JSON. */
  type?: string;
}

/** One route: what it takes, what it answers and who does it. OpenAPI and validation both come from here. */
export interface Route {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/api/runs/:id` */
  path: string;
  operation: string;
  tag: string;
  /** Who may ask, at least; "public": anyone who reaches the server. */
  role: AccessRole | "public";
  /** False of what is no GET and changes nothing: it is not recorded in the audit log. */
  changes?: false;
  /** True: what it answers with 201 is the run that it has launched. */
  launches?: true;
  /** What the audit log is to know beside the object: never a secret, so nothing of a config. */
  facts?(body: JsonObject): JsonObject;
  summary: string;
  description?: string;
  params?: Record<string, string>;
  query?: Record<string, JsonSchema>;
  /** True: others say what stands in its query string, and its handler reads that. */
  openQuery?: true;
  headers?: Record<string, JsonSchema>;
  body?: { schema: JsonSchema; required: boolean };
  replies: Record<number, ReplyDoc>;
  /** Codes of the problems that it answers with beside the general ones. */
  problems?: readonly string[];
  /** null: it has answered by itself, e.g. with a stream. */
  handle(request: ApiRequest): Promise<Reply | null> | Reply | null;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
