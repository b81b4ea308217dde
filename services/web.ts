import type { ServiceBroker, ServiceSchema } from "moleculer";
import { apiService } from "./api.service";
import { diagnoseStarted } from "./doctor/diagnose";
import type { Ground } from "./ground";
import { runsService } from "./runs.service";
import { signInRequired } from "./sign-in";
import { packageVersion } from "./version";

/** The services of a web server. */
export const addWebServices = (broker: ServiceBroker, ground: Ground): void => {
  broker.createService(runsService(broker, { db: ground.db }));
  broker.createService(api(broker, ground));
};

const api = (broker: ServiceBroker, ground: Ground): ServiceSchema => {
  const { db, bus, registry, traces, settings } = ground;
  return apiService(broker, {
    db,
    beats: bus.fanout("beats"),
    backlogs: bus.fanout("backlogs"),
    queueDepth: (queue) => bus.queueDepth(queue),
    unacked: (queues) => bus.unacked(queues),
    busProblems: () => bus.problems(),
    ...{ registry, traces },
    version: packageVersion(),
    host: settings.host,
    port: settings.port,
    retention: settings.retention,
    maxConcurrentRuns: settings.maxConcurrentRuns,
    allowedHosts: settings.allowedHosts,
    signInRequired: signInRequired(settings),
    company: settings.company,
    diagnose: () => diagnoseStarted(ground),
  });
};
