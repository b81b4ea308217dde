import { relative } from "node:path";
import { bundleCode } from "../../services/code-location";
import { readSettings } from "../../services/settings";
import { EXIT } from "../exit";
import { printJson, say } from "../print";

export const build = async ({ json }: { json?: true }): Promise<number> => {
  const settings = readSettings();
  const started = performance.now();
  const { bundle, sources } = await bundleCode(settings);
  const ms = Math.round(performance.now() - started);
  const location = relative(".", settings.jobs) || ".";
  if (json) printJson({ code_version: bundle.version, file: bundle.file, sources: sources.length, ms });
  else say(`Bundled ${location} (${sources.length} files) as version ${bundle.version} in ${ms} ms: ${bundle.file}`);
  return EXIT.ok;
};
