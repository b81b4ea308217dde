import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildUi } from "./build-ui";
import { dumpTemplate } from "./store/embedded/engine";
import { templatePath } from "./store/embedded";

/** What a build holds beside compiled code; runs from `dist`, after tsc. */
const buildAssets = async (): Promise<void> => {
  chmodSync(join(__dirname, "cli", "main.js"), 0o755);
  await buildTemplate();
  await buildUi();
};

/** An initialised embedded database, so that a first start does not wait for one to be made. Made once per version. */
const buildTemplate = async (): Promise<void> => {
  const packageFile = join(dirname(require.resolve("@electric-sql/pglite")), "..", "package.json");
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  const stamp = `${templatePath()}.version`;
  if (existsSync(templatePath()) && existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;
  writeFileSync(templatePath(), await dumpTemplate());
  writeFileSync(stamp, version);
};

void buildAssets();
