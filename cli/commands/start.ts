import { compose } from "../../services/compose";
import { readSettings, type Role, ROLES } from "../../services/settings";
import { insecurely } from "../../services/sign-in";
import { usageError } from "../exit";
import { printJson, tell } from "../print";
import { serve } from "../serve";

export const start = async (given: string[], { json, insecure }: { json?: true; insecure?: true }): Promise<number> => {
  const roles = [...new Set(given.map(roleOf))];
  const settings = insecure ? insecurely(readSettings()) : readSettings();
  const node = await compose(settings, roles, { logTo: json ? "stderr" : "stdout" });
  return serve(node, (url) => {
    if (json) printJson({ node: node.id, roles, url, metrics: node.metricsUrl() });
    else if (process.stdout.isTTY) tell(`${roles.join(", ")} started${url ? `: ${url}` : ""}`);
  });
};

const roleOf = (name: string): Role => {
  const role = ROLES.find((known) => known === name);
  if (role) return role;
  throw usageError(`"${name}" is no role. Roles are ${ROLES.join(", ")}.`);
};
