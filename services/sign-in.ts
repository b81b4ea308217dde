import { apiKeyParts } from "../core/access";
import { DqueueError } from "../core/errors";
import { hasUsableKey, keepApiKey } from "../store/api-keys";
import { beginAudit, endAudit } from "../store/audit";
import type { Database } from "../store/database";
import { isLoopback } from "./loopback";
import type { Settings } from "./settings";

/** True where whoever asks the web server has to show who they are. */
export const signInRequired = ({ auth, insecure, host }: Pick<Settings, "auth" | "insecure" | "host">): boolean =>
  !insecure && (auth === "required" || !isLoopback(host));

/** Throws a DqueueError, SETTING_INVALID, where a key is asked for and not asked for. */
export const refuseContradiction = ({ auth, insecure }: Settings): void => {
  if (auth !== "required" || !insecure) return;
  throw new DqueueError(
    "SETTING_INVALID",
    "DQUEUE_AUTH is required, and DQUEUE_INSECURE (or --insecure) says that nobody needs an API key. Remove one of them.",
    { setting: "DQUEUE_INSECURE" },
  );
};

/** The settings of a process that was started with `--insecure`. */
export const insecurely = (settings: Settings): Settings => ({
  ...settings,
  insecure: true,
  told: settings.told.map((one) =>
    one.name === "DQUEUE_INSECURE" ? { ...one, value: "true", origin: "flag" as const } : one,
  ),
});

/**
 * Makes DQUEUE_ADMIN_KEY known, and refuses a start that would let nobody in.
 * Throws a DqueueError: NO_KEY, or KEY_TAKEN where another key has the admin key's id.
 */
export const prepareSignIn = async (db: Database, settings: Settings): Promise<void> => {
  await keepAdminKey(db, settings);
  if (!signInRequired(settings) || settings.company !== null || (await hasUsableKey(db))) return;
  throw missingKey(settings);
};

/** NO_KEY: nobody could sign in. */
export const missingKey = ({ host }: Pick<Settings, "host">): DqueueError => {
  const why = isLoopback(host) ? "DQUEUE_AUTH is required" : `HOST is "${host}", which others reach`;
  return new DqueueError(
    "NO_KEY",
    `${why}, and there is no API key to sign in with. Create one: \`dqueue keys create --name me --role admin\`. ` +
      "Where something in front asks who they are, start with --insecure.",
  );
};

const NAME = "DQUEUE_ADMIN_KEY";

/** Makes DQUEUE_ADMIN_KEY known. If it was revoked it stays so: who has made other keys may be done with it. */
export const keepAdminKey = async (db: Database, { adminKey: key }: Settings): Promise<void> => {
  if (key === null) return;
  await db.transaction(async (tx) => {
    if (!(await keepApiKey(tx, key, { name: NAME, role: "admin" }))) return;
    const id = await beginAudit(tx, {
      actor: { kind: "setting", id: null, name: NAME, role: "admin" },
      ...{ action: "createKey", object: "keys", details: { name: NAME, role: "admin" } },
      ...{ address: null, forwardedFor: null },
    });
    await endAudit(tx, id, { outcome: "OK", result: `keys/${apiKeyParts(key)!.id}` });
  });
};
