/** The last step of `npm run build`: makes what the build ships besides JavaScript. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { templatePath } from "./store/embedded";
import { dumpTemplate } from "./store/embedded/engine";

const main = async (): Promise<void> => {
  const template = templatePath();
  if (existsSync(template)) return;
  mkdirSync(dirname(template), { recursive: true });
  // Renamed when whole: two builds at once, or one that is stopped, leave no half template.
  const unfinished = `${template}.${process.pid}`;
  writeFileSync(unfinished, await dumpTemplate());
  renameSync(unfinished, template);
};

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
