import { composeOptions } from "./services/compose";
import { readSettings } from "./services/settings";

/**
 * For `moleculer-runner --config dist/moleculer.config.js`: a node with the roles of DQUEUE_ROLES. The runner can only
 * load services from files of their own; ours are functions of their needs, so the `created` hook adds them.
 */
const config = async () => {
  const settings = readSettings();
  return composeOptions(settings, settings.roles);
};

export default config;
