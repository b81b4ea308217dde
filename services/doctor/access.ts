import { hasUsableKey } from "../../store/api-keys";
import type { Queryable } from "../../store/database";
import { isLoopback } from "../loopback";
import type { Settings } from "../settings";
import { missingKey, signInRequired } from "../sign-in";
import { type Finding, problem } from "./finding";

/** @param db null: it cannot be asked. */
export const checkAccess = async (db: Queryable | null, settings: Settings): Promise<Finding> => {
  if (!signInRequired(settings)) return openDoor(settings);
  const text = "the web server asks everybody for an API key";
  if (db === null || settings.adminKey !== null || settings.company !== null)
    return { check: "access", state: "ok", text };
  return (await hasUsableKey(db)) ? { check: "access", state: "ok", text } : problem("access", missingKey(settings));
};

const openDoor = ({ host, insecure, allowedHosts }: Settings): Finding => {
  if (isLoopback(host) && allowedHosts.length === 0)
    return {
      check: "access",
      state: "ok",
      text: "the web server asks nobody for an API key: only this machine reaches it",
    };
  const todo = insecure
    ? "Only where something in front asks who they are: else remove DQUEUE_INSECURE, and create an API key."
    : "Set DQUEUE_AUTH to required, unless the proxy in front asks who they are.";
  const reached = isLoopback(host) ? `as ${allowedHosts.join(", ")}` : `at ${host}`;
  return {
    check: "access",
    state: "warning",
    text: `The web server asks nobody for an API key, and others reach it ${reached}: they may do everything.`,
    todo,
  };
};
