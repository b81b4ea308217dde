import type { JsonObject, JsonSchema } from "../../core/json";
import { PROBLEMS } from "./problems";
import type { Route } from "./route";
import { ref } from "./schemas/common";
import { COOKIES } from "./sign-in/cookies";
import { SCHEMAS } from "./schemas/answers";

const UNSUPPORTED = ["UNSUPPORTED_MEDIA_TYPE", "UNSUPPORTED_ENCODING", "UNSUPPORTED_CHARSET"];

/** Problems that any route may answer with, by what it takes. */
const generalProblems = ({ role, query, body }: Route): string[] => [
  "HOST_NOT_ALLOWED",
  ...(role === "public" ? [] : ["UNAUTHENTICATED", "KEY_REFUSED"]),
  ...(role === "public" || role === "viewer" ? [] : ["ROLE_TOO_LOW"]),
  ...(query ? ["UNKNOWN_PARAMETER", "INVALID_PARAMETER"] : []),
  ...(query?.cursor ? ["INVALID_CURSOR"] : []),
  ...(body ? ["MALFORMED_BODY", "INVALID_BODY", "BODY_TOO_LARGE", ...UNSUPPORTED] : []),
  "DATABASE_UNAVAILABLE",
  "SERVICE_UNAVAILABLE",
];

const problemReplies = (route: Route): JsonObject => {
  const byStatus = new Map<number, string[]>();
  for (const code of [...generalProblems(route), ...(route.problems ?? [])]) {
    const { status } = PROBLEMS[code]!;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => !(status in route.replies))
      .map(([status, codes]) => [
        String(status),
        { description: codes.join(", "), content: { "application/problem+json": { schema: ref("Problem") } } },
      ]),
  );
};

const parameters = ({ params = {}, query = {}, headers = {} }: Route): JsonObject[] => [
  ...Object.entries(params).map(([name, description]) => ({
    name,
    in: "path",
    required: true,
    description,
    schema: { type: "string" },
  })),
  ...[...Object.entries(query).map((of) => [...of, "query"] as const)].map(([name, schema, place]) =>
    parameter(name, schema, place),
  ),
  ...Object.entries(headers).map(([name, schema]) => parameter(name, schema, "header")),
];

const parameter = (name: string, { description, ...schema }: JsonSchema, place: string): JsonObject => ({
  name,
  in: place,
  required: false,
  ...(description !== undefined && { description }),
  schema,
});

const replies = (route: Route): JsonObject =>
  Object.fromEntries(
    Object.entries(route.replies).map(([status, { description, schema, type = "application/json" }]) => [
      status,
      { description, ...(status !== "204" && { content: { [type]: { schema: schema ?? { type: "string" } } } }) },
    ]),
  );

/** The OpenAPI 3.1 document of the routes, made of the schemas that validate their requests. */
export const openApi = (routes: readonly Route[], version: string): JsonObject => {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = {
      operationId: route.operation,
      tags: [route.tag],
      summary: route.summary,
      ...(route.description !== undefined && { description: route.description }),
      "x-role": route.role,
      security: route.role === "public" ? [] : [{ apiKey: [] }, { session: [] }],
      parameters: parameters(route),
      ...(route.body && {
        requestBody: { required: route.body.required, content: { "application/json": { schema: route.body.schema } } },
      }),
      responses: { ...replies(route), ...problemReplies(route) },
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "dqueue",
      version,
      description:
        "Times are RFC 3339, ids UUIDv7, errors RFC 9457 problem documents with a stable `code`. Lists come in pages: " +
        "give `next_cursor` as `cursor` with the same filter until it is null. Bodies are JSON of at most 1 MiB. " +
        "Operations name the role that they need as `x-role`: viewer, launcher, operator or admin, each of which may do what " +
        "those before it may; `public` ones ask nobody. A server on its own machine alone asks nobody at all.",
      license: { name: "MIT", identifier: "MIT" },
    },
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key, as `dqueue keys create` prints it." },
        session: {
          ...{ type: "apiKey", in: "cookie", name: COOKIES.session },
          description:
            "Of a browser that signed in. Where the address has a port, its name ends in that: dqueue_session_3000.",
        },
      },
    },
  };
};
