import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import { createBus } from "../../bus";
import { type Database, openDatabase } from "../../store/database";
import { halt, startRole } from "../role";
import type { Servers } from "../servers";

/** A web server as an operator starts it, on a database that the measurement fills. */
export interface WebServer {
  readonly url: string;
  readonly db: Database;
  /** Tells it that a run has changed, as the run's owner would. */
  announce(run: string): Promise<void>;
  stop(): Promise<void>;
}

export const startWebServer = async ({ postgres, rabbit }: Servers): Promise<WebServer> => {
  const home = mkdtempSync(join(tmpdir(), "dqueue-bench-"));
  const databaseUrl = await postgres.newDatabase();
  const namespace = `bench${process.pid}-${Date.now()}`;
  const { process: child, url } = await startRole("webserver", home, {
    ...{ PATH: process.env.PATH, HOME: home, PORT: "0", LOG_LEVEL: "warn" },
    ...{ DATABASE_URL: databaseUrl, AMQP_URL: rabbit.url, NAMESPACE: namespace },
  });
  const bus = createBus({ mode: "amqp", url: rabbit.url, namespace, name: "dqueue bench" });
  const broker = new ServiceBroker({
    ...{ logger: false, namespace, transporter: bus.transporter as never, skipProcessEventRegistration: true },
    middlewares: [bus.middleware],
  });
  await broker.start();
  const db = await openDatabase({ databaseUrl, home });
  return {
    url: url!,
    db,
    announce: (run) => broker.broadcast("runs.changed", { runs: [{ id: run }] }, { groups: ["api"] }),
    stop: async () => {
      await broker.stop();
      await halt(child);
      await db.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};
