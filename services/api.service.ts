import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import type { Registry } from "prom-client";
import type { Fanout } from "../bus";
import type { WorkerBeat } from "../core/messages";
import type { RunStatus } from "../core/status";
import { built } from "../store/built";
import type { Database } from "../store/database";
import type { OwnerBacklog } from "../coordinator/ports";
import type { CompanySettings } from "./company-settings";
import type { Finding } from "./doctor/finding";
import { heardBacklogs, heardBeats } from "./heard";
import { Backlogs } from "./http/backlogs";
import { Closing } from "./http/closing";
import { type Gateway, gateway, gatewayMethods, gatewaySettings } from "./http/gateway";
import { identityOf, keyIdentity } from "./http/identity";
import { lostWorkersReader } from "./http/lost-workers";
import { apiMetrics } from "./http/metrics";
import { Outage } from "./http/outage";
import { queueReader } from "./http/queues";
import { apiRoutes } from "./http/routes";
import { CompanyAccounts } from "./http/sign-in/company-accounts";
import { sessionIdentity } from "./http/sign-in/session-identity";
import { Streams } from "./http/stream";
import { WebApp } from "./http/web-app";
import { Workers } from "./http/workers";
import type { Traces } from "./traces/traces";
import type { Retention } from "./upkeep-work";
import { inTime } from "./in-time";
import { isLoopback } from "./loopback";

export interface ApiNeeds {
  readonly db: Database;
  /** Of the workers (`bus.fanout("beats")`). */
  readonly beats: Pick<Fanout<WorkerBeat>, "subscribe">;
  /** Of the owners (`bus.fanout("backlogs")`). */
  readonly backlogs: Pick<Fanout<OwnerBacklog>, "subscribe">;
  readonly queueDepth: (queue: string) => Promise<{ messages: number; consumers: number }>;
  readonly unacked: (queues: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** What is wrong with the broker now, a line each. */
  readonly busProblems: () => string[];
  /** Where this node's figures are kept; the API adds its own. */
  readonly registry: Registry;
  /** Where this node's spans go; null: traces are off. */
  readonly traces: Traces | null;
  readonly version: string;
  readonly host: string;
  /** 0: any free one; then the action `api.address` tells. */
  readonly port: number;
  /** As its daemons have it. */
  readonly maxConcurrentRuns: number;
  readonly retention: Retention;
  /** Host names that it answers under beside loopback names and plain addresses; "*": all. */
  readonly allowedHosts?: readonly string[];
  /** False: who shows nothing is let in, and may do everything. */
  readonly signInRequired: boolean;
  /** What `dqueue doctor` would say of this process. */
  readonly diagnose: () => Promise<Finding[]>;
  /** The company's OpenID provider; null: there is none. */
  readonly company: CompanySettings | null;
}

/** A broker that is away keeps nobody waiting: figures of its queues are absent then. */
const BROKER_PATIENCE_MS = 1_000;

/** How often a start looks whether the services that it needs are there. */
const DEPENDENCY_MS = 20;

type RunsChanged = Context<{ runs: { id: string; job: string; status: RunStatus; seq: number }[] }>;

/** The door to the world: REST, live streams, pages and figures over HTTP. */
export const apiService = (broker: ServiceBroker, given: ApiNeeds): ServiceSchema => {
  const needs = { ...given, queueDepth: (queue: string) => inTime(BROKER_PATIENCE_MS, given.queueDepth(queue)) };
  const { db, traces, allowedHosts = [] } = needs;
  const log = broker.getLogger("api");
  const workers = new Workers();
  const streams = new Streams(db, (message) => log.warn(message));
  const lostWorkers = lostWorkersReader(db, workers);
  const backlogs = new Backlogs();
  const queues = queueReader({ ...needs, workers, backlogs });
  // A web server has no step queues: that one of them cannot be used is known to the workers.
  const busProblems = (): string[] => [
    ...new Set([...needs.busProblems(), ...workers.list().flatMap(({ problems }) => problems)]),
  ];
  const company = needs.company && new CompanyAccounts(needs.company);
  const routes = apiRoutes({ ...needs, broker, log, company, busProblems, workers, lostWorkers, streams, queues });
  const seconds = apiMetrics({ ...needs, workers, queues, streams });
  const [closing, outage] = [new Closing(), new Outage(db, log)];
  const identify = identityOf([keyIdentity(db), sessionIdentity(db, company)], { required: needs.signInRequired });
  const behind = { closing, outage, seconds, webApp: new WebApp(built("ui")) };
  const door = { db, identify, traces, routes, log, allowedHosts, ...behind };
  const silence: (() => void)[] = [];

  return {
    name: "api",
    mixins: [gateway],
    // The door opens once what stands behind it can be called.
    dependencies: ["runs"],
    settings: { ip: needs.host, port: needs.port, $dependencyInterval: DEPENDENCY_MS, ...gatewaySettings(door) },
    methods: gatewayMethods(door),

    actions: {
      listAliases: false,
      addRoute: false,
      removeRoute: false,
      /** Where it listens. */
      address: () => addressOf(needs.host, broker.getLocalService("api") as unknown as Gateway),
    },

    events: {
      "runs.changed": (ctx: RunsChanged) => streams.wake(["runs", ...ctx.params.runs.map(({ id }) => `run:${id}`)]),
      "ticks.changed": (_ctx: Context) => streams.wake(["ticks"]),
    },

    created() {
      const { server, refuseExpectation } = this as unknown as Gateway;
      server.on("checkExpectation", refuseExpectation);
    },
    async started() {
      if (!needs.signInRequired && (!isLoopback(needs.host) || allowedHosts.length > 0))
        log.warn("This web server asks nobody who they are: whoever reaches it may do everything.");
      silence.push(await needs.beats.subscribe(heardBeats((beat) => workers.hear(beat))));
      silence.push(await needs.backlogs.subscribe(heardBacklogs((backlog) => backlogs.hear(backlog))));
    },
    stopped() {
      for (const end of silence.splice(0)) end();
      outage.stop();
      closing.begin((this as unknown as Gateway).server);
      streams.stop();
    },
  };
};

const addressOf = (host: string, { server }: Gateway): { host: string; port: number } => {
  const address = server.address();
  return { host, port: typeof address === "object" && address ? address.port : 0 };
};
