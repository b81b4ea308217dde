import { readFileSync } from "node:fs";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { Registry } from "prom-client";
import { shipped } from "../store/built";
import { apiService } from "./api.service";
import type { Ground } from "./ground";
import { runsService } from "./runs.service";

/** The services of a web server. */
export const addWebServices = (broker: ServiceBroker, ground: Ground): void => {
  broker.createService(runsService(broker, { db: ground.db }));
  broker.createService(api(broker, ground));
};

const api = (broker: ServiceBroker, { db, bus, settings }: Ground): ServiceSchema =>
  apiService(broker, {
    db,
    beats: bus.fanout("beats"),
    backlogs: bus.fanout("backlogs"),
    queueDepth: (queue) => bus.queueDepth(queue),
    busProblems: () => bus.problems(),
    registry: new Registry(),
    version: packageVersion(),
    host: settings.host,
    port: settings.port,
    allowedHosts: settings.allowedHosts,
  });

const packageVersion = (): string =>
  (JSON.parse(readFileSync(shipped("package.json"), "utf8")) as { version: string }).version;
