import { compose } from "../../services/compose";
import { readSettings, requireSharedServers, type Role, ROLES } from "../../services/settings";
import { EXIT, usageError } from "../exit";
import { printJson, tell } from "../print";
import { stopSignal } from "../signals";

/** Serves until a signal comes, then stops in order. */
export const start = async (given: string[], { json }: { json?: true }): Promise<number> => {
  const roles = given.map(roleOf);
  const settings = readSettings();
  requireSharedServers(settings, roles);
  const stopping = stopSignal();
  const node = await compose(settings, roles, { logTo: json ? "stderr" : "stdout" });
  await node.start();
  if (json) printJson({ node: node.id, roles, url: node.url });
  else if (process.stdout.isTTY) tell(`${roles.join(", ")} started${node.url ? `: ${node.url}` : ""}`);
  await stopping;
  await node.stop();
  return EXIT.ok;
};

const roleOf = (name: string): Role => {
  const role = ROLES.find((known) => known === name);
  if (role) return role;
  throw usageError(`"${name}" is no role. Roles are ${ROLES.join(", ")}.`);
};
