import { existsSync, mkdirSync } from "node:fs";
import { DqueueError } from "../core/errors";
import { findCode } from "../runtime/bundle";
import { lockHome } from "../store/embedded/lock";
import { errorsOf, throwAll } from "./all-at-once";
import { bundlesOf } from "./code-location";
import { refuseUnusableAddress } from "./address";
import { checkNode } from "./doctor/machine";
import { requireHome } from "./home";
import { refuseContradiction } from "./sign-in";
import { requireSharedServers, type Role, type Settings } from "./settings";

/**
 * Checks, before anything is opened, whether this machine can do what the settings say: all that needs no server.
 * Throws one DqueueError for all that it finds.
 */
export const refuseUnusable = async (settings: Settings, roles: readonly Role[]): Promise<void> => {
  const loadsCode = roles.some((role) => role !== "webserver");
  const checks = [
    refuseUnsupportedNode,
    () => requireSharedServers(settings, roles),
    () => refuseContradiction(settings),
    ...addressChecks(settings, roles),
    ...(loadsCode ? [() => findCode(settings.jobs)] : []),
    ...(loadsCode || settings.databaseUrl === null ? [() => refuseUnusableHome(settings)] : []),
  ];
  throwAll(await errorsOf(checks));
};

const refuseUnsupportedNode = (): void => {
  const { state, text, todo } = checkNode(process.versions.node);
  if (state === "problem") throw new DqueueError("NODE_UNSUPPORTED", `${text} ${todo}`);
};

const addressChecks = (settings: Settings, roles: readonly Role[]): (() => Promise<void>)[] => {
  const { host, port, metricsPort } = settings;
  const web = roles.includes("webserver");
  const own = metricsPort !== null && metricsPort !== 0 && !(web && metricsPort === port);
  return [
    ...(web ? [() => refuseUnusableAddress(settings)] : []),
    ...(own ? [() => refuseUnusableAddress({ host, port: metricsPort }, "METRICS_PORT")] : []),
    // One that was not asked for gives way to another port, but not to another address.
    ...(!web && metricsPort === null ? [() => refuseUnusableAddress({ host, port: 0 }, "METRICS_PORT")] : []),
  ];
};

const refuseUnusableHome = async (settings: Settings): Promise<void> => {
  const { home, databaseUrl } = settings;
  // Built ahead, as in an image: it is read alone, unless the code has changed since.
  if (databaseUrl !== null && existsSync(bundlesOf(settings))) return;
  requireHome(home);
  mkdirSync(home, { recursive: true });
  if (databaseUrl === null) await (await lockHome(home)).release();
};
