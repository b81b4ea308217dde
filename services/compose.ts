import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import { systemClock as ownerClock } from "../coordinator/system-clock";
import { CANCEL_GRACE_MS } from "../core/grace";
import { SensorProcesses } from "../runtime/sensor-processes";
import { ownerStore } from "../store/owner-store";
import { StepPool } from "../worker/step-pool";
import { systemClock as workerClock } from "../worker/system-clock";
import { callIds } from "./call-ids";
import type { Code } from "./code-location";
import { coordinatorService } from "./coordinator.service";
import { executorService } from "./executor.service";
import { type Ground, layGround, type NodeOptions } from "./ground";
import { inOrder } from "./in-order";
import { MOLECULER_METRICS, showMoleculerMetrics } from "./metrics/moleculer-metrics";
import { measuredOwnerStore, ownerGauges } from "./metrics/owner-metrics";
import { measuredTickStore, timedEvaluate } from "./metrics/sensor-metrics";
import { watchable } from "./metrics/watchable";
import { NodeLogger } from "./node-logger";
import { processService } from "./process.service";
import { executorGauges } from "./metrics/worker-metrics";
import { publishCatalog } from "./publish-catalog";
import { tickStore } from "./sensor-store";
import { sensorsService } from "./sensors.service";
import { type Role, secretsKnownTo, type Settings, type ToldSetting, urlOf } from "./settings";
import { tracedOwnerStore } from "./traces/coordinator-spans";
import { tracedTickStore } from "./traces/sensor-spans";
import { tracing } from "./traces/tracing";
import { tracedPool } from "./traces/worker-spans";
import { upkeepService } from "./upkeep.service";

/** A process of dqueue: a Moleculer broker with the services of its roles, and all that they stand on. */
export interface Node {
  readonly id: string;
  readonly broker: ServiceBroker;
  readonly ground: Ground;
  /** Where the web server listens once it has started; null without that role. */
  url(): Promise<string | null>;
  /** Where its own listener shows its figures, once it has started; null where it has none. */
  metricsUrl(): string | null;
  /**
   * Rejects, with everything closed again, where a service cannot start. A `stop` breaks it off: it then resolves, if at
   * all, once that has ended.
   */
  start(): Promise<void>;
  /** In order: steps finish or are released, shards are given away, then everything closes. */
  stop(): Promise<void>;
  /** Ends the wait for running steps of a `stop` under way. */
  hurry(): void;
  /** Runs and publishes another version of the user's code. Steps that run end with the code that they began with. */
  useCode(code: Code): Promise<void>;
}

const HEARTBEAT_S = 10;
const CALL_TIMEOUT_MS = 10_000;
/** Between a step's signal and the kill of its process. */
const STEP_GRACE_MS = 5_000;
const STOP_DELAY_MS = 100;

/** Opens the database and the bus, loads the user's code, and puts a node of these roles together; `start` begins. */
export const compose = async (
  settings: Settings,
  roles: readonly Role[],
  options: Partial<NodeOptions> = {},
): Promise<Node> => {
  const ground = await layGround(settings, roles, { dev: false, logTo: "stdout", ...options });
  const { options: brokerOptions, useCode, metricsUrl } = await nodeOf(ground);
  const broker = new ServiceBroker({ ...brokerOptions, skipProcessEventRegistration: true });
  return {
    id: broker.nodeID,
    broker,
    ground,
    url: async () => {
      if (!roles.includes("webserver")) return null;
      const { host, port } = await broker.call<{ host: string; port: number }>("api.address");
      return urlOf(host, port);
    },
    metricsUrl,
    useCode,
    start: async () => {
      try {
        await broker.start();
      } catch (error) {
        ground.hurry.abort();
        await broker.stop();
        throw error;
      }
    },
    stop: () => broker.stop(),
    hurry: () => ground.hurry.abort(),
  };
};

/**
 * The options of a node's broker, whose `created` hook adds the services of its roles. For those who start brokers
 * themselves, as moleculer-runner does; everything that they stand on is closed when the broker stops.
 */
export const composeOptions = async (settings: Settings, roles: readonly Role[]): Promise<BrokerOptions> =>
  (await nodeOf(await layGround(settings, roles, { dev: false, logTo: "stdout" }))).options;

interface NodeParts {
  options: BrokerOptions;
  metricsUrl(): string | null;
  useCode(code: Code): Promise<void>;
}

const nodeOf = async (ground: Ground): Promise<NodeParts> => {
  // Loaded where there is a web server alone: it is half of all code, and a worker needs none of it.
  const web = ground.roles.includes("webserver") ? await import("./web.js") : null;
  const { settings, bus, options } = ground;
  const level = settings.logLevel ?? (options.dev ? "warn" : "info");
  const swaps: ((code: Code) => void)[] = [];
  const late: (() => Promise<void>)[] = [];
  const { url: metricsUrl, middleware: watched } = watchable(ground);
  return {
    metricsUrl,
    useCode: async (code) => {
      for (const swap of swaps) swap(code);
      // After the workers: what is launched from now on finds its ops.
      await publishCatalog(ground.db, code.catalog, { revive: true });
    },
    options: {
      nodeID: `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`,
      namespace: settings.namespace,
      logger: new NodeLogger({
        ...{ level, format: settings.logFormat, secrets: secretsKnownTo(settings), traced: ground.traces !== null },
        descriptor: options.logTo === "stdout" ? 1 : 2,
      }),
      transporter: bus.transporter,
      heartbeatInterval: HEARTBEAT_S,
      heartbeatTimeout: 3 * HEARTBEAT_S,
      requestTimeout: CALL_TIMEOUT_MS,
      metrics: settings.moleculerMetrics ? MOLECULER_METRICS : false,
      uidGenerator: callIds(),
      registry: { stopDelay: bus.transporter ? STOP_DELAY_MS : 0 },
      // `$node.options` would tell anyone on the bus the URLs with their passwords.
      internalServices: { $node: { name: "$node", actions: { options: false } } },
      middlewares: [inOrder(ground, late), tracing(ground.traces), watched, bus.middleware],
      created: (broker: ServiceBroker) => {
        if (settings.moleculerMetrics) showMoleculerMetrics(broker, ground.registry);
        addServices(broker, ground, web?.addWebServices, {
          onCode: (swap) => swaps.push(swap),
          onStarted: (start) => late.push(start),
        });
      },
    } as unknown as BrokerOptions,
  };
};

interface Hooks {
  /** Another version of the user's code is to be used. */
  onCode(swap: (code: Code) => void): void;
  /** All actions of this node can be called. */
  onStarted(start: () => Promise<void>): void;
}

type AddServices = (broker: ServiceBroker, ground: Ground) => void;

const addServices = (
  broker: ServiceBroker,
  ground: Ground,
  addWebServices: AddServices | undefined,
  hooks: Hooks,
): void => {
  const { roles, db, registry, settings } = ground;
  broker.createService(processService({ settings: toldBy(ground), registry }));
  addWebServices?.(broker, ground);
  if (roles.includes("daemon")) {
    broker.createService(coordinator(broker, ground, hooks));
    broker.createService(sensors(broker, ground, hooks));
    broker.createService(upkeepService(broker, { db, registry, retention: settings.retention }));
  }
  if (roles.includes("worker")) broker.createService(executor(broker, ground, hooks));
};

/** Commands are told the roles, and DQUEUE_ROLES does not count then. */
const toldBy = ({ settings, roles }: Ground): ToldSetting[] =>
  settings.told.map((one) =>
    one.name === "DQUEUE_ROLES" && roles !== settings.roles ? { ...one, value: roles.join(", "), origin: "flag" } : one,
  );

const coordinator = (broker: ServiceBroker, ground: Ground, { onStarted }: Hooks): ServiceSchema => {
  const { db, bus, registry, traces, settings } = ground;
  ownerGauges(broker, registry, settings.maxConcurrentRuns);
  const store = measuredOwnerStore(ownerStore(db), registry);
  const { started, ...schema } = coordinatorService(broker, {
    store: traces ? tracedOwnerStore(store, traces) : store,
    bus,
    clock: ownerClock,
    maxConcurrentRuns: settings.maxConcurrentRuns,
    cancelGraceMs: CANCEL_GRACE_MS,
    alone: settings.amqpUrl === null,
  });
  // It opens mailboxes, and Moleculer lists a service's actions only once it has started.
  onStarted(started as () => Promise<void>);
  return schema as ServiceSchema;
};

const sensors = (broker: ServiceBroker, ground: Ground, { onCode }: Hooks): ServiceSchema => {
  const { db, code, registry, traces, settings } = ground;
  const log = broker.getLogger("sensors");
  const processes = new SensorProcesses(code!.code.bundle, (text) => log.info(text.trimEnd()), settings.secrets);
  onCode(({ bundle }) => processes.useCode(bundle));
  const store = measuredTickStore(tickStore(db), registry);
  const schema = sensorsService(broker, {
    db,
    store: traces ? tracedTickStore(store, traces) : store,
    evaluate: timedEvaluate(processes.evaluate, registry),
    sensorNames: () => code!.code.catalog.sensors.map(({ name }) => name),
  });
  const { stopped } = schema as { stopped(): Promise<void> };
  return {
    ...schema,
    async stopped() {
      await stopped();
      processes.stop();
    },
  };
};

const executor = (broker: ServiceBroker, ground: Ground, { onCode }: Hooks): ServiceSchema => {
  const { settings, bus, code, concurrency, options, hurry, traces } = ground;
  const { processes, queues, stepMemoryMb, graceSeconds, secrets } = settings;
  const log = broker.getLogger("steps");
  const pool = new StepPool(
    code!.code.bundle,
    { processes, concurrency, heapMb: stepMemoryMb, secrets },
    { output: (text, pid) => log.info(text.trimEnd(), { pid }), warn: (message) => log.warn(message) },
  );
  onCode(({ bundle }) => pool.useCode(bundle));
  executorGauges(broker, ground.registry, pool);
  return executorService(broker, {
    ...{ bus, pool, queues, processes, concurrency },
    runner: traces ? tracedPool(pool, traces, broker.nodeID) : pool,
    clock: workerClock,
    code: () => ({ version: code!.code.bundle.version, ops: opsOf(code!.code) }),
    drainMs: options.dev ? 0 : graceSeconds * 1_000,
    graceMs: STEP_GRACE_MS,
    hurry: hurry.signal,
  });
};

const opsOf = ({ catalog }: Code): number =>
  new Set(catalog.jobs.flatMap(({ nodes }) => nodes.map(({ op }) => op))).size;
