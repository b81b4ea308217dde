import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";
import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Registry } from "prom-client";
import type { Fanout } from "../bus";
import type { WorkerBeat } from "../core/messages";
import type { RunStatus } from "../core/status";
import type { Database } from "../store/database";
import { sendProblem } from "./http/answer";
import { checkRequest } from "./http/guard";
import { apiMetrics } from "./http/metrics";
import { perform, type RoutedRequest } from "./http/perform";
import { methodNotAllowed, notFound } from "./http/problems";
import { queueReader } from "./http/queues";
import type { Route } from "./http/route";
import { apiRoutes } from "./http/routes";
import { Streams } from "./http/stream";
import { Workers } from "./http/workers";

export interface ApiNeeds {
  readonly db: Database;
  /** Of the workers (`bus.fanout("beats")`). */
  readonly beats: Pick<Fanout<WorkerBeat>, "subscribe">;
  readonly queueDepth: (queue: string) => Promise<{ messages: number }>;
  /** What is wrong with the broker now, a line each. */
  readonly busProblems: () => string[];
  /** Where this node's figures are kept; the API adds its own. */
  readonly registry: Registry;
  readonly version: string;
  readonly host: string;
  /** 0: any free one; then `api.address` tells. */
  readonly port: number;
  /** Host names that it answers under beside loopback names and plain addresses; "*": all. */
  readonly allowedHosts?: readonly string[];
}

type Gateway = { server: import("node:http").Server };
type Handle = (this: Gateway, request: IncomingMessage, response: ServerResponse) => Promise<void>;
const gateway = ApiGateway as unknown as ServiceSchema & { methods: { httpHandler: Handle } };

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

/** The door to the world: REST, live streams, pages and figures over HTTP. */
export const apiService = (broker: ServiceBroker, needs: ApiNeeds): ServiceSchema => {
  const { db, beats, allowedHosts = [] } = needs;
  const log = broker.getLogger("api");
  const workers = new Workers();
  const streams = new Streams(db, (message) => log.warn(message));
  const queues = queueReader({ ...needs, workers });
  const routes = apiRoutes({ ...needs, workers, streams, queues });
  const seconds = apiMetrics({ ...needs, workers, queues, streams });
  let silence: (() => void) | null = null;

  const refuse = (request: IncomingMessage, response: ServerResponse, error: unknown): void =>
    sendProblem(request, response, error, (unexpected) =>
      log.error(`${request.method} ${request.url} failed`, unexpected),
    );
  const alias =
    (route: Route) => (request: RoutedRequest, response: ServerResponse, next: (error: unknown) => void) => {
      const observe = seconds.startTimer({ method: route.method, route: route.path });
      response.once("close", () => observe({ status: String(response.statusCode) }));
      perform(route, request, response).catch(next);
    };

  return {
    name: "api",
    mixins: [gateway],
    settings: {
      ip: needs.host,
      port: needs.port,
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
          mappingPolicy: "restrict",
          mergeParams: false,
          bodyParsers: false,
          logging: false,
          aliases: aliasesOf(routes, alias),
        },
      ],
    },

    actions: {
      listAliases: false,
      addRoute: false,
      removeRoute: false,
      /** Where it listens. */
      address: () => addressOf(needs.host, (broker.getLocalService("api") as unknown as Gateway).server),
    },

    methods: {
      /** The one hook on every path, before anything else of a request is looked at. */
      async httpHandler(this: Gateway, request: IncomingMessage, response: ServerResponse) {
        try {
          await new Promise<void>((resolve) => secured(request, response, () => resolve()));
          checkRequest(request, allowedHosts);
        } catch (error) {
          return refuse(request, response, error);
        }
        return gateway.methods.httpHandler.call(this, request, response);
      },
      errorHandler: refuse,
      sendError: refuse,
      send404(request: RoutedRequest, response: ServerResponse) {
        const path = (request.originalUrl ?? request.url ?? "").split("?")[0]!;
        const allowed = methodsOf(routes, path);
        const { method = "" } = request;
        refuse(request, response, allowed.length > 0 ? methodNotAllowed(method, path, allowed) : notFound(path));
      },
    },

    events: {
      "runs.changed": (ctx: Context<{ runs: { id: string; job: string; status: RunStatus; seq: number }[] }>) =>
        streams.wake(["runs", ...ctx.params.runs.map(({ id }) => `run:${id}`)]),
      "ticks.changed": (_ctx: Context) => streams.wake(["ticks"]),
    },

    async started() {
      silence = await beats.subscribe((beat) => workers.hear(beat));
    },
    stopped() {
      silence?.();
      streams.stop();
    },
  };
};

type Alias = (request: RoutedRequest, response: ServerResponse, next: (error: unknown) => void) => void;

/** A HEAD request is a GET whose body is left away (by Node). */
const aliasesOf = (routes: readonly Route[], alias: (route: Route) => Alias): Record<string, Alias> =>
  Object.fromEntries(
    routes.flatMap((route) => {
      const handler = alias(route);
      const methods = route.method === "GET" && route.operation !== "stream" ? ["GET", "HEAD"] : [route.method];
      return methods.map((method) => [`${method} ${route.path}`, handler]);
    }),
  );

const methodsOf = (routes: readonly Route[], path: string): string[] => {
  const parts = path.replace(/\/$/, "").split("/");
  const fits = (route: Route): boolean => {
    const own = route.path.replace(/\/$/, "").split("/");
    return own.length === parts.length && own.every((part, i) => part.startsWith(":") || part === parts[i]);
  };
  return routes.filter(fits).map(({ method }) => method);
};

const addressOf = (host: string, server: import("node:http").Server): { host: string; port: number } => {
  const address = server.address();
  return { host, port: typeof address === "object" && address ? address.port : 0 };
};
