import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import helmet from "helmet";
import type { LoggerInstance, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Histogram } from "prom-client";
import { DqueueError } from "../../core/errors";
import { sendProblem } from "./answer";
import type { Closing } from "./closing";
import { checkRequest } from "./guard";
import type { Outage } from "./outage";
import { type Door, perform } from "./perform";
import { methodNotAllowed, notFound } from "./problems";
import type { Route, RoutedRequest } from "./route";
import type { WebApp } from "./web-app";

/** The gateway's service, as far as it is ours to know. */
export interface Gateway {
  server: Server;
  refuseExpectation: RequestListener;
}
type Handle = (this: Gateway, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** moleculer-web, to be mixed in. */
export const gateway = ApiGateway as unknown as ServiceSchema & { methods: { httpHandler: Handle } };

interface Needs extends Door {
  readonly routes: readonly Route[];
  readonly log: LoggerInstance;
  readonly allowedHosts: readonly string[];
  readonly closing: Closing;
  readonly outage: Outage;
  readonly webApp: WebApp;
  /** Durations of requests, by method, route and status. */
  readonly seconds: Histogram<"method" | "route" | "status">;
}

const secured = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // Ours is served by plain HTTP on the own machine.
  strictTransportSecurity: false,
});

type Alias = (request: RoutedRequest, response: ServerResponse, next: (error: unknown) => void) => void;

/** Settings of moleculer-web by which it serves these routes and nothing else. */
export const gatewaySettings = ({ routes, seconds, ...door }: Needs) => ({
  logRequest: null,
  logResponse: null,
  logRouteRegistration: null,
  // A stream lasts for hours: a stop must not wait for its call to end.
  rootCallOptions: (options: { tracking?: boolean }, request: IncomingMessage) => {
    if (request.url?.startsWith("/api/stream")) options.tracking = false;
  },
  routes: [
    {
      path: "/",
      // Without it, every action of every service could be called by its name.
      mappingPolicy: "restrict",
      mergeParams: false,
      // Ours read the body after the checks, and refuse what theirs let through.
      bodyParsers: false,
      logging: false,
      aliases: aliasesOf(routes, (route) => (request, response, next) => {
        const observe = seconds.startTimer({ method: route.method, route: route.path });
        response.once("close", () => observe({ status: String(response.statusCode) }));
        perform(door, route, request, response).catch(next);
      }),
    },
  ],
});

/** A HEAD request is a GET whose body is left away (by Node). */
const aliasesOf = (routes: readonly Route[], alias: (route: Route) => Alias): Record<string, Alias> =>
  Object.fromEntries(
    routes.flatMap((route) => {
      const handler = alias(route);
      const methods = route.method === "GET" && route.operation !== "stream" ? ["GET", "HEAD"] : [route.method];
      return methods.map((method) => [`${method} ${route.path}`, handler]);
    }),
  );

/** Methods that take the place of moleculer-web's. */
export const gatewayMethods = ({ routes, log, allowedHosts, closing, outage, webApp, seconds }: Needs) => {
  const refuse = (request: IncomingMessage, response: ServerResponse, error: unknown): void =>
    sendProblem(request, response, error, (unexpected, id) => {
      if (outage.explains(unexpected)) return;
      log.error(`${request.method} ${request.url} failed (request ${id})`, unexpected);
    });
  return {
    /** The one hook on every path, before anything else of a request is looked at. */
    async httpHandler(this: Gateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
      try {
        await new Promise<void>((resolve) => secured(request, response, () => resolve()));
        checkRequest(request, allowedHosts);
        closing.admit(response);
        if (webApp.takes(request)) {
          const observe = seconds.startTimer({ method: request.method, route: "/*" });
          response.once("close", () => observe({ status: String(response.statusCode) }));
          return await webApp.serve(request, response);
        }
      } catch (error) {
        return refuse(request, response, error);
      }
      return gateway.methods.httpHandler.call(this, request, response);
    },
    /** What Node would refuse by itself, without a word. */
    refuseExpectation: (request: IncomingMessage, response: ServerResponse): void =>
      refuse(
        request,
        response,
        new DqueueError(
          "UNKNOWN_EXPECTATION",
          `This server knows Expect: 100-continue, not "${request.headers.expect}". Leave it away.`,
        ),
      ),
    errorHandler: refuse,
    sendError: refuse,
    send404(request: RoutedRequest, response: ServerResponse): void {
      const path = (request.originalUrl ?? request.url ?? "").split("?")[0]!;
      const allowed = methodsOf(routes, path);
      const { method = "" } = request;
      refuse(request, response, allowed.length > 0 ? methodNotAllowed(method, path, allowed) : notFound(path));
    },
  };
};

const methodsOf = (routes: readonly Route[], path: string): string[] => {
  const parts = path.replace(/\/$/, "").split("/");
  const fits = (route: Route): boolean => {
    const own = route.path.replace(/\/$/, "").split("/");
    return own.length === parts.length && own.every((part, i) => part.startsWith(":") || part === parts[i]);
  };
  return routes.filter(fits).map(({ method }) => method);
};
