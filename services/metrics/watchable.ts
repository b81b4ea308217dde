import type { Middleware, ServiceBroker } from "moleculer";
import type { Ground } from "../ground";
import { checkReadiness } from "../readiness";
import type { Role } from "../setting-table";
import { urlOf } from "../settings";
import { packageVersion } from "../version";
import { readGauge } from "./read-gauge";
import { type Answers, json, listen, type Listener } from "./listener";

/** In containers each process has these for itself. */
const PORTS: Record<Role, number> = { webserver: 9464, daemon: 9465, worker: 9466 };

/** How a process can be watched from outside. */
export interface Watchable {
  readonly middleware: Middleware;
  /** Of its figures; null: it shows none by itself. */
  url(): string | null;
}

/**
 * Serves figures and health of a process from before it connects to anything until all its services have stopped, so
 * that a long start and a long stop can be watched too.
 */
export const watchable = (ground: Ground): Watchable => {
  readinessGauge(ground);
  let phase: "starting" | "started" | "stopping" = "starting";
  let listener: Listener | null = null;
  const { host } = ground.settings;
  return {
    url: () => (listener ? `${urlOf(host, listener.port)}/metrics` : null),
    middleware: {
      name: "Watchable",
      starting: async (broker: ServiceBroker) => {
        listener = await open(
          ground,
          answersOf(ground, () => phase),
        );
        if (listener) broker.getLogger("metrics").info(`Figures are at ${urlOf(host, listener.port)}/metrics.`);
      },
      started: async () => void (phase = "started"),
      stopping: async () => void (phase = "stopping"),
      stopped: () => listener?.close(),
    } as unknown as Middleware,
  };
};

const readinessGauge = ({ db, bus, registry }: Ground): void => {
  readGauge(registry, {
    name: "dqueue_ready",
    help: "1 where what this process needs (database, migrations, broker) can be used, else 0.",
    labelNames: ["check"],
    read: async () => {
      const { checks } = await checkReadiness({ db, busProblems: () => bus.problems() });
      return checks.map(({ name, ok }) => [{ check: name }, ok ? 1 : 0]);
    },
  });
};

const open = async ({ settings, roles, options }: Ground, answers: Answers): Promise<Listener | null> => {
  const { host, port, metricsPort } = settings;
  if (metricsPort === 0) return null;
  // There the web server's own port tells everything.
  if (roles.includes("webserver") && (metricsPort === port || (metricsPort === null && options.dev))) return null;
  if (metricsPort !== null) return listen(answers, host, metricsPort);
  return listen(answers, host, PORTS[roles[0]!]).catch((error: NodeJS.ErrnoException) => {
    // Another process of the role on this machine has it: nobody has asked for this one port.
    if (error.code === "EADDRINUSE") return listen(answers, host, 0);
    throw error;
  });
};

const answersOf = ({ db, bus, registry }: Ground, phase: () => string): Answers => ({
  "/metrics": async () => ({ status: 200, body: await registry.metrics(), type: registry.contentType }),
  "/health/live": () => {
    const failure = db.failure();
    if (failure) return json(503, { status: "failed", version: packageVersion(), problem: failure.message });
    return json(200, { status: "ok", version: packageVersion() });
  },
  "/health/ready": async () => {
    const { ready, checks } = await checkReadiness({ db, busProblems: () => bus.problems() });
    const started = phase() === "started";
    const problems = started ? [] : [`The process is ${phase()}.`];
    const status = ready && started ? "ready" : "not_ready";
    return json(status === "ready" ? 200 : 503, {
      ...{ status, checks: [...checks, { name: "process", ok: started, problems }] },
    });
  },
});
