import type { Registry } from "prom-client";
import { type Bus, createBus } from "../bus";
import type { Database } from "../store/database";
import { processRegistry } from "./metrics/registry";
import { CodeLocation } from "./code-location";
import { openDatabaseOf, prepareSchema } from "./offline";
import { publishCatalog } from "./publish-catalog";
import type { Role, Settings } from "./settings";
import { prepareSignIn } from "./sign-in";
import type { OpenTraces } from "./traces/export";
import { refuseUnusable } from "./usable";

/** How a node runs, beside its settings. */
export interface NodeOptions {
  /** True: `dqueue dev`. More steps per process, fewer log lines, code that changes, a stop that does not wait. */
  readonly dev: boolean;
  readonly logTo: "stdout" | "stderr";
}

/** What a node stands on: everything that there is before its broker. */
export interface Ground {
  readonly settings: Settings;
  readonly roles: readonly Role[];
  readonly options: NodeOptions;
  readonly db: Database;
  readonly bus: Bus;
  /** Where this process sends its spans; null: traces are off. */
  readonly traces: OpenTraces | null;
  /** The figures of this process. */
  readonly registry: Registry;
  /** null for a web server alone: it never loads user code. */
  readonly code: CodeLocation | null;
  readonly concurrency: number;
  /** Raised when a stop is not to wait for running steps any longer. */
  readonly hurry: AbortController;
  close(): Promise<void>;
}

const DEV_CONCURRENCY = 8;

/** Fails with a DqueueError, and with nothing left open, where a setting, the database or the code location is not usable. */
export const layGround = async (settings: Settings, roles: readonly Role[], options: NodeOptions): Promise<Ground> => {
  await refuseUnusable(settings, roles);
  const loading = roles.some((role) => role !== "webserver") ? CodeLocation.load(settings) : Promise.resolve(null);
  // What comes of it is asked for below, also when the database fails first.
  loading.catch(() => undefined);
  const db = await openDatabaseOf(settings);
  try {
    await prepareSchema(db, settings);
    if (roles.includes("webserver")) await prepareSignIn(db, settings);
    const code = await loading;
    if (code) await publishCatalog(db, code.code.catalog, { revive: options.dev });
    const concurrency = settings.concurrency ?? (options.dev ? DEV_CONCURRENCY : 1);
    return {
      ...{ settings, roles, options, db, code, concurrency },
      bus: busOf(settings, roles, settings.processes * concurrency),
      traces: await tracesOf(settings, roles),
      registry: processRegistry(roles, db),
      hurry: new AbortController(),
      close: async () => {
        await code?.close();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
};

/** Nothing of OpenTelemetry is loaded where traces are off. */
const tracesOf = async ({ collector, namespace }: Settings, roles: readonly Role[]): Promise<OpenTraces | null> =>
  collector && (await import("./traces/export.js")).openTraces({ ...collector, namespace, roles });

const busOf = (
  { amqpUrl, managementUrl, namespace, queues, queueType }: Settings,
  roles: readonly Role[],
  slots: number,
): Bus => {
  const common = { namespace, queues, slots };
  if (amqpUrl === null) return createBus({ ...common, mode: "local" });
  const quiet = roles.every((role) => role === "worker");
  return createBus({
    ...{ ...common, mode: "amqp", url: amqpUrl, managementUrl, queueType, quiet },
    name: `dqueue ${roles.join("+")}`,
  });
};
