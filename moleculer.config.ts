import { asCliError } from "./cli/exit";
import { DqueueError } from "./core/errors";
import { composeOptions } from "./services/compose";
import { readSettings } from "./services/settings";

/**
 * For `moleculer-runner --config dist/moleculer.config.js`: a node with the roles of DQUEUE_ROLES. The runner can only
 * load services from files of their own; ours are functions of their needs, so the `created` hook adds them.
 */
const config = async () => {
  try {
    const settings = readSettings();
    return await composeOptions(settings, settings.roles);
  } catch (error) {
    if (!(error instanceof DqueueError)) throw error;
    // The runner would tell it twice, with a stack that helps nobody.
    const { exitCode, message } = asCliError(error);
    process.stderr.write(`dqueue: ${message}\n`);
    return process.exit(exitCode);
  }
};

export default config;
